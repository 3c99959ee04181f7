import type { EventOf, WireEventType } from "./event.ts";
import type { FieldReader } from "./fields.ts";
import type { WireFields } from "./wire.ts";

/** Makes an event of a line's fields. What it returns counts only when the reader has no `failure` afterwards. */
export type EventDecoder<T extends WireEventType> = (fields: WireFields, read: FieldReader) => EventOf<T>;

/** Decoders by type, for some types: the tables by subject, which together make the whole. */
export type EventDecoders = { readonly [T in WireEventType]?: EventDecoder<T> };

/** placeholder until lib/config lands: replaced in the same session */
export {};

/** The endpoint when neither the option nor the environment names one. */
export const defaultEndpoint = "http://127.0.0.1:8080";

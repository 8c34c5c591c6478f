// Run by Tests/EndToEnd: a conversation with the server that the environment names; prints what was seen.
import { conversation } from "./conversation.js";

const { HYDROGEN_URL: url, HYDROGEN_KEY: key, HYDROGEN_NAME: name } = process.env;
if (url) console.log(JSON.stringify(await conversation({ url, key, name })));

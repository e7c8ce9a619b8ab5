// Loaded into mocha before the SDK: what the suite asks of Cloudinary over HTTPS goes to the emulator, in the clear.
// So nothing of the suite's own view changes: the SDK sees https, the usual hosts and no upload_prefix.
const https = require("node:https");
const net = require("node:net");

const port = Number(process.env.CONFORMANCE_PORT);

https.Agent.prototype.createConnection = function createConnection(options, connected) {
  const { host } = options;
  if (!/(^|\.)cloudinary\.com$/.test(host)) {
    const refused = new Error(`The conformance run connects to Cloudinary only, not to ${host}.`);
    process.nextTick(connected, refused);
    return undefined;
  }
  const socket = net.connect({ host: "127.0.0.1", port });
  socket.once("connect", () => connected(null, socket));
  socket.once("error", (error) => connected(error));
  return undefined;
};

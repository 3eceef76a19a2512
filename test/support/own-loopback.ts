/** An address of the loopback for this process's tests: what sends from one fixed port meets no other test process, of this checkout or another. */
export const ownLoopback = `127.${64 + ((process.pid >> 16) & 63)}.${(process.pid >> 8) & 255}.${process.pid & 255 || 1}`;

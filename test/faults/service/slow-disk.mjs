/** Loaded before the service: every durable write of it takes SLOW_DISK_MS, and now and then SLOW_DISK_STALL_MS. */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const usualMs = Number(process.env.SLOW_DISK_MS);
const stallMs = Number(process.env.SLOW_DISK_STALL_MS);
const STALL_EVERY = 40;
const { write, fsync, fdatasync } = fs;
let calls = 0;

/** Does it first and tells of it late, as a disk that is busy with others. */
function slowed(call) {
  return (...words) => {
    const done = words.pop();
    calls += 1;
    const delayMs = calls % STALL_EVERY === 0 ? stallMs : usualMs;
    call(...words, (...results) => setTimeout(done, delayMs, ...results));
  };
}

Object.assign(fs, { write: slowed(write), fsync: slowed(fsync), fdatasync: slowed(fdatasync) });
syncBuiltinESMExports();

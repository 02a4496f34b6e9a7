/** The library of functions that Redis runs: every step that reads and changes more than one key at once. */
import { OF_PAYMENTS } from './functions-of-payments.ts';

/**
 * Keys, all under `<name>:`, those with an epoch under `<name>:<epoch>:`:
 *
 *     order         epoch, last seq, last arrival, tables in force: u48 each
 *     told:<name>   a text one instance tells the others
 *     present       owners by when they are here no longer, ms;    versions  the version each of them runs
 *     E:p<key>      history of an entity (features/entity-history.ts)
 *     E:c<id>       claim: state P or A · head (seq, arrival: u48) · tables u48 · request hash 16 bytes; P only: count of
 *                   parts u8 · where each part’s history ended u48 · request; A only, and only after a restoration: the
 *                   message it came as: partition, offset: u48
 *     E:a<id>       the decision’s frame: settled on while the claim is pending, answered afterwards
 *     E:l<id>       label record in force: head · frame;    E:w<id>  those that wait, one behind the other
 *     E:r<seq>      placed record not confirmed: head · frame, or head · R · decision’s seq u48 · id of a repeat
 *     E:m<message>  label record placed for a message: head · frame; nothing when it was on record at the restoration
 *     E:t<version>  tables record: head · frame;            E:v<subject>  version in force
 *     E:pending     what is not confirmed by seq: c<id>, r<seq>, b<id> (labels to be bound)
 *     E:waiting     ids with waiting labels by the arrival of the first
 *
 * The variable `opened` lives as long as the process: after a restart or a failover it is empty, whatever the keys say,
 * so no state that may have lost its last writes is ever taken for whole.
 *
 * Errors: SENTINEL RESTORING, SENTINEL EPOCH <epoch in force>, SENTINEL UNKNOWN CLAIM.
 */
const LUA = String.raw`
local opened = {}
local P, A = 80, 65

-- The order at key in the epoch given; value: what GET of key said, if it has been read.
local function enter(key, given, value)
  local epoch = opened[key]
  value = epoch and (value or redis.call('GET', key))
  if not value then return nil, redis.error_reply('SENTINEL RESTORING') end
  local inForce, seq, arrival, tables = struct.unpack('<I6I6I6I6', value)
  if inForce ~= epoch then return nil, redis.error_reply('SENTINEL RESTORING') end
  if epoch ~= tonumber(given) then return nil, redis.error_reply(string.format('SENTINEL EPOCH %.0f', epoch)) end
  return { key = key, epoch = epoch, seq = seq, arrival = arrival, tables = tables }
end

local function nowMs()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Takes the next place; returns its head. The caller writes the order down.
local function advance(order, now)
  order.seq = order.seq + 1
  order.arrival = math.max(order.arrival, now or nowMs())
  return struct.pack('<I6I6', order.seq, order.arrival)
end

local function write_order(order)
  redis.call('SET', order.key, struct.pack('<I6I6I6I6', order.epoch, order.seq, order.arrival, order.tables))
end

local function keep(prefix, pending, seq, value)
  local name = string.format('%.0f', seq)
  redis.call('SET', prefix .. name, value)
  redis.call('ZADD', pending, name, 'r' .. name)
end

${OF_PAYMENTS}
-- KEYS order, pending, record; ARGV epoch, r<seq>.
local function confirm_placed(keys, args)
  local order, problem = enter(keys[1], args[1])
  if problem then return problem end
  redis.call('ZREM', keys[2], args[2])
  return redis.call('DEL', keys[3])
end

-- KEYS order, pending; ARGV epoch, age in ms, how many of the oldest to leave out, limit, prefix of keys. Returns member, value, settled …
local function unfinished(keys, args)
  local order, problem = enter(keys[1], args[1])
  if problem then return problem end
  local before = nowMs() - tonumber(args[2])
  local reply = {}
  local first = tonumber(args[3])
  for _, member in ipairs(redis.call('ZRANGE', keys[2], first, first + tonumber(args[4]) - 1)) do
    local kind, id = string.sub(member, 1, 1), string.sub(member, 2)
    local value = kind ~= 'b' and redis.call('GET', args[5] .. member) or ''
    local at = kind == 'c' and 8 or 7
    if value and (kind == 'b' or struct.unpack('<I6', value, at) <= before) then
      reply[#reply + 1] = member
      reply[#reply + 1] = value
      reply[#reply + 1] = kind == 'c' and redis.call('GET', args[5] .. 'a' .. id) or ''
    end
  end
  return reply
end

-- KEYS order, pending, histories …; ARGV epoch. Returns { seq below which all is settled, histories … }.
local function histories(keys, args)
  local order, problem = enter(keys[1], args[1])
  if problem then return problem end
  local oldest = redis.call('ZRANGE', keys[2], 0, 0, 'WITHSCORES')[2]
  local reply = { oldest or string.format('%.0f', order.seq + 1) }
  for i = 3, #keys do reply[i - 1] = redis.call('GET', keys[i]) or '' end
  return reply
end

-- KEYS order, history; ARGV epoch, offset of the image, head and image. Returns 1 when they were taken.
local function compact(keys, args)
  local order, problem = enter(keys[1], args[1])
  if problem then return problem end
  local history = redis.call('GET', keys[2])
  if not history then return 0 end
  local image, length = struct.unpack('<I6I4', history)
  local offset = tonumber(args[2])
  if offset <= image then return 0 end
  redis.call('SET', keys[2], args[3] .. string.sub(history, 11 + length + offset - image))
  return 1
end

-- KEYS order, pending, tables or key of a version in force, tables before; ARGV epoch, frame, prefix of records, tables version
-- or 0, version before or nothing, version or nothing, ms tables are kept that others have replaced. Returns the head; nothing
-- when the condition does not hold.
local function place(keys, args)
  local order, problem = enter(keys[1], args[1])
  if problem then return problem end
  local tables = tonumber(args[4])
  if tables > 0 and tables ~= order.tables + 1 then return '' end
  if args[6] ~= '' and (redis.call('GET', keys[3]) or '') ~= args[5] then return '' end
  if tables > 0 then order.tables = tables end
  local head = advance(order)
  write_order(order)
  if tables > 0 then
    redis.call('SET', keys[3], head .. args[2])
    redis.call('PEXPIRE', keys[4], args[7])
  end
  if args[6] ~= '' then redis.call('SET', keys[3], args[6]) end
  keep(args[3], keys[2], order.seq, head .. args[2])
  return head
end

-- KEYS order, claim, answer, label in force, waiting labels. Returns claim’s state and head, answer, label in force, waiting labels.
local function labels(keys, args)
  local order, problem = enter(keys[1], args[1])
  if problem then return problem end
  local claim = redis.call('GETRANGE', keys[2], 0, 12)
  return { claim, redis.call('GET', keys[3]), redis.call('GET', keys[4]), redis.call('GET', keys[5]) }
end

-- KEYS order, claim, label in force, waiting labels, pending, ids with waiting labels, message, histories …; ARGV epoch, id, the
-- three values expected: claim’s state, label in force, waiting labels; frame, prefix of records, what it becomes: F in
-- force, W waiting, N nothing; ms a label in force is kept, labels that go on waiting, event or nothing, ms the message is
-- known, 0 when there is none. Returns the head; nothing when something has changed; head and frame of the record placed
-- for the message before; 1 when that is on record since before the restoration.
local function place_label(keys, args)
  local order, problem = enter(keys[1], args[1])
  if problem then return problem end
  local fromMessage = args[12] ~= '0'
  local before = fromMessage and redis.call('GET', keys[7])
  if before then return before == '' and 1 or before end
  local id, waiting = args[2], redis.call('GET', keys[4]) or ''
  if redis.call('GETRANGE', keys[2], 0, 0) ~= args[3] or (redis.call('GET', keys[3]) or '') ~= args[4] or waiting ~= args[5] then
    return ''
  end
  local head = advance(order)
  write_order(order)
  keep(args[7], keys[5], order.seq, head .. args[6])
  if fromMessage then redis.call('SET', keys[7], head .. args[6], 'PX', args[12]) end
  local left = args[10]
  if args[8] == 'F' then redis.call('SET', keys[3], head .. args[6], 'PX', args[9]) end
  if args[8] == 'W' then left = left .. head .. args[6] end
  if left == '' then
    if waiting ~= '' then
      redis.call('DEL', keys[4])
      redis.call('ZREM', keys[6], id)
      redis.call('ZREM', keys[5], 'b' .. id)
    end
  elseif left ~= waiting then
    redis.call('SET', keys[4], left)
    local _, arrival = struct.unpack('<I6I6', left)
    redis.call('ZADD', keys[6], arrival, id)
  end
  if args[11] ~= '' then
    for i = 8, #keys do
      if redis.call('EXISTS', keys[i]) == 1 then redis.call('APPEND', keys[i], head .. args[11]) end
    end
  end
  return head
end

-- KEYS order, last epoch; ARGV epoch, seq, arrival, tables. Returns 1 when the store is open.
local function open(keys, args)
  local epoch = tonumber(args[1])
  if tonumber(redis.call('GET', keys[2])) ~= epoch then return 0 end
  local order = { key = keys[1], epoch = epoch, seq = tonumber(args[2]), arrival = tonumber(args[3]), tables = tonumber(args[4]) }
  write_order(order)
  opened[keys[1]] = epoch
  return 1
end

-- KEYS order, last epoch; ARGV an epoch to pass. Returns the epoch that begins, never one there was, even if all keys are
-- lost; closes the store.
local function restore(keys, args)
  opened[keys[1]] = nil
  redis.call('DEL', keys[1])
  local epoch = math.max((tonumber(redis.call('GET', keys[2])) or 0) + 1, math.floor(nowMs() / 1000), tonumber(args[1]) + 1)
  redis.call('SET', keys[2], string.format('%.0f', epoch))
  return epoch
end

-- KEYS order. Returns epoch and tables in force.
local function status(keys)
  local order, problem = enter(keys[1], opened[keys[1]])
  if problem then return problem end
  return { order.epoch, order.tables }
end

-- KEYS role, count of its owners; ARGV owner, ms. Returns the owner’s number; 0 while another has the role.
local function lead(keys, args)
  local now = redis.call('GET', keys[1])
  local number, owner = string.match(now or '', '^(%d+) (.*)$')
  if owner and owner ~= args[1] then return 0 end
  number = number or redis.call('INCR', keys[2])
  redis.call('SET', keys[1], number .. ' ' .. args[1], 'PX', args[2])
  return tonumber(number)
end

-- KEYS present, versions; ARGV owner, version, ms. Returns 1; 0, and changes nothing, while another version is here. All versions
-- must agree on this function.
local function attend(keys, args)
  local now = nowMs()
  for _, owner in ipairs(redis.call('ZRANGEBYSCORE', keys[1], '-inf', now)) do
    redis.call('ZREM', keys[1], owner)
    redis.call('HDEL', keys[2], owner)
  end
  for _, version in ipairs(redis.call('HVALS', keys[2])) do
    if version ~= args[2] then return 0 end
  end
  redis.call('ZADD', keys[1], now + tonumber(args[3]), args[1])
  redis.call('HSET', keys[2], args[1], args[2])
  return 1
end

-- KEYS present, versions; ARGV owner.
local function leave(keys, args)
  redis.call('HDEL', keys[2], args[1])
  return redis.call('ZREM', keys[1], args[1])
end

-- KEYS bucket; ARGV tokens a second, tokens wanted. Returns 1 when they were there: the last may be overdrawn.
local function take(keys, args)
  local rate, wanted = tonumber(args[1]), tonumber(args[2])
  local time = redis.call('TIME')
  local now = tonumber(time[1]) + tonumber(time[2]) / 1e6
  local tokens, filled = rate, now
  local value = redis.call('GET', keys[1])
  if value then
    tokens, filled = struct.unpack('<dd', value)
    tokens = math.min(rate, tokens + math.max(0, now - filled) * rate)
  end
  if tokens < 1 then return 0 end
  tokens = tokens - wanted
  redis.call('SET', keys[1], struct.pack('<dd', tokens, now), 'PX', math.ceil(1000 + math.max(0, -tokens) / rate * 1000))
  return 1
end

local function register(name, body, ...)
  redis.register_function({ function_name = name .. '_VERSION', callback = body, flags = { ... } })
end
register('claim', claim)
register('settle', settle)
register('answer', answer)
register('confirm', confirm, 'allow-oom')
register('confirm_placed', confirm_placed, 'allow-oom')
register('unfinished', unfinished, 'no-writes')
register('histories', histories, 'no-writes')
register('compact', compact, 'allow-oom')
register('place', place)
register('labels', labels, 'no-writes')
register('place_label', place_label)
register('open', open)
register('restore', restore)
register('status', status, 'no-writes')
register('lead', lead, 'allow-oom')
register('attend', attend, 'allow-oom')
register('leave', leave, 'allow-oom')
register('take', take)
`;

export type FunctionName =
  | 'claim'
  | 'settle'
  | 'answer'
  | 'confirm'
  | 'confirm_placed'
  | 'unfinished'
  | 'histories'
  | 'compact'
  | 'place'
  | 'labels'
  | 'place_label'
  | 'open'
  | 'restore'
  | 'status'
  | 'lead'
  | 'attend'
  | 'leave'
  | 'take';

/** The library under a name of its own for each text, comments apart: a newer program never calls an older one’s functions. */
export function libraryOf(hash: (text: string) => string): { readonly version: string; readonly text: string } {
  const code = LUA.replaceAll(/^--.*\n/gm, '');
  const version = hash(code).slice(0, 12);
  return { version, text: `#!lua name=sentinel_${version}\n${code.replaceAll('_VERSION', `_${version}`)}` };
}

/** The functions of a payment: its claim, the decision settled on, its answer and its confirmation. */

/** Part of the text in functions.ts, which says what the keys are. */
export const OF_PAYMENTS = String.raw`-- One read of so many bytes costs as much as a second call: Redis hashes every byte of a string it hands to Lua.
local START = 256

-- Adds event to the history at key and returns what one who knows it up to known lacks, and where it ended before.
local NEW = '\0\0\0\0\0\0\0\0\0\0'
local function extend(key, known, event)
  local start = redis.call('GETRANGE', key, 0, START - 1)
  if start == '' then
    redis.call('SET', key, NEW .. event)
    return '', 0
  end
  local image, length = struct.unpack('<I6I4', start)
  local piece, ending
  if known >= image then
    local from, tail = 10 + length + known - image
    if #start < START then tail = string.sub(start, from + 1)
    else tail = redis.call('GETRANGE', key, from, -1) end
    piece, ending = string.sub(start, 1, 10) .. tail, known + #tail
  else
    piece = #start < START and start or redis.call('GET', key)
    ending = image + #piece - 10 - length
  end
  redis.call('APPEND', key, event)
  return piece, ending
end

-- What a payment is told whose claim has been seen.
local function seen_before(seen, answer, order, pending, records, hash, member)
  if string.sub(seen, 20, 35) ~= hash then return { 'R' } end
  if string.byte(seen) == P then return { seen, redis.call('GET', answer) } end
  local head = advance(order)
  keep(records, pending, order.seq, head .. 'R' .. string.sub(seen, 2, 7) .. string.sub(member, 2))
  return { seen, redis.call('GET', answer), head }
end

-- Takes payments one after the other.
-- KEYS order, pending, for each payment claim, claims’ answers, histories …; ARGV epoch, prefix of records, number of payments,
-- then for each payment: hash, earliest arrival, c<id>, request, number of histories; for each history: known up to, event.
-- Returns for each { N·head·tables, pieces … } | { P·claim, settled } | { A·claim, answer, head of the repeat } | { R } | { E }.
local function claim(keys, args)
  local count = tonumber(args[3])
  local found = redis.call('MGET', keys[1], unpack(keys, 3, 2 + count))
  local order, problem = enter(keys[1], args[1], found[1])
  if problem then return problem end
  local replies, members, taken = {}, {}, {}
  local last, now = order.seq, nowMs()
  local key, arg = 3 + 2 * count, 4
  for i = 1, count do
    local name, answer = keys[2 + i], keys[2 + count + i]
    local hash, earliest, member, request, parts = unpack(args, arg, arg + 4)
    parts = tonumber(parts)
    local seen = found[1 + i] or taken[name] and redis.call('GET', name)
    if seen then
      replies[i] = seen_before(seen, answer, order, keys[2], args[2], hash, member)
    elseif math.max(order.arrival, now) < tonumber(earliest) then
      replies[i] = { 'E' }
    else
      local head = advance(order, now)
      local place = head .. struct.pack('<I6', order.tables)
      local reply, ends = { 'N' .. place }, {}
      for j = 1, parts do
        local piece, ending = extend(keys[key + j - 1], tonumber(args[arg + 3 + 2 * j]), head .. args[arg + 4 + 2 * j])
        reply[j + 1] = piece
        ends[j] = struct.pack('<I6', ending)
      end
      redis.call('SET', name, 'P' .. place .. hash .. string.char(parts) .. table.concat(ends) .. request)
      members[#members + 1], members[#members + 2] = order.seq, member
      taken[name] = true
      replies[i] = reply
    end
    key, arg = key + parts, arg + 5 + 2 * parts
  end
  if order.seq > last then write_order(order) end
  if #members > 0 then redis.call('ZADD', keys[2], unpack(members)) end
  return replies
end

-- The claim at seq, which may be answered; no claim of another place.
local function claim_at(key, seq)
  local claim = redis.call('GET', key)
  if claim and struct.unpack('<I6', claim, 2) == tonumber(seq) then return claim end
  return nil, redis.error_reply('SENTINEL UNKNOWN CLAIM')
end

-- KEYS order, claim, answer; ARGV epoch, seq, answer. Returns the answer there is.
local function settle(keys, args)
  local order, problem = enter(keys[1], args[1])
  if problem then return problem end
  local claim, unknown = claim_at(keys[2], args[2])
  if unknown then return unknown end
  local answer = redis.call('GET', keys[3])
  if answer or string.byte(claim) ~= P then return answer or '' end
  redis.call('SET', keys[3], args[3])
  return args[3]
end

-- KEYS answers …; ARGV ms they are kept, answers.
local function answer(keys, args)
  for i = 1, #keys do redis.call('SET', keys[i], args[i + 1], 'PX', args[1]) end
  return 1
end

-- KEYS order, pending, for each payment claim, waiting labels, histories …; ARGV epoch, ms ids are kept, number of payments, then
-- for each payment: c<id>, seq, number of histories, event or nothing.
-- Returns for each 1 when labels wait, 0 when none do, 2 when it had been confirmed before, -1 when there is no claim of that place.
local function confirm(keys, args)
  local count = tonumber(args[3])
  local found = redis.call('MGET', keys[1], unpack(keys, 3, 2 + 2 * count))
  local order, problem = enter(keys[1], args[1], found[1])
  if problem then return problem end
  local replies, members, confirmed = {}, {}, {}
  local key = 3 + 2 * count
  for i = 1, count do
    local name, claim = keys[2 + i], found[1 + i]
    local member, seq, parts, event = unpack(args, 4 * i, 4 * i + 3)
    if not claim or struct.unpack('<I6', claim, 2) ~= tonumber(seq) then
      replies[i] = -1
    elseif string.byte(claim) ~= P or confirmed[name] then
      replies[i] = 2
    else
      confirmed[name] = true
      redis.call('SET', name, 'A' .. string.sub(claim, 2, 35), 'PX', args[2])
      members[#members + 1] = member
      for j = key, key + parts - 1 do redis.call('APPEND', keys[j], string.sub(claim, 2, 13) .. event) end
      replies[i] = found[1 + count + i] and 1 or 0
      if replies[i] == 1 then redis.call('ZADD', keys[2], seq, 'b' .. string.sub(member, 2)) end
    end
    key = key + parts
  end
  if #members > 0 then redis.call('ZREM', keys[2], unpack(members)) end
  return replies
end
`;

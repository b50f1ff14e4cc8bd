-- Memory that comes and goes.
local t = {} for i = 1, 200000 do t[i] = {i, tostring(i)} end print(#t, t[77777][2]) t = nil collectgarbage() local before = collectgarbage("count")
for r = 1, 20 do local s = {} for i = 1, 20000 do s[i] = ("%d"):format(i * r) end end collectgarbage() print(collectgarbage("count") < before * 2 + 10000)
local s = {} for i = 1, 50000 do s[#s + 1] = string.char(65 + i % 26) end local c = table.concat(s) print(#c, c:sub(1, 30))
local weak = setmetatable({}, {__mode = "v"}) weak[1] = {} collectgarbage() print(weak[1]) local closed = {} do local x <close> = setmetatable({}, {__close = function() closed[1] = true end}) end print(closed[1])
print(pcall(string.rep, "x", 1 << 40)) local m = {} for i = 1, 5 do m[i] = string.rep("y", 10000000) end print(#m)

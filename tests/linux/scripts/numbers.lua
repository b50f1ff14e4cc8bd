-- Floating point, to the last bit.
for _, x in ipairs{0.1, 1 / 3, 2 ^ 0.5, 1e-310, 1e308 * 10, -0.0, 5 // 0.0, 123456789.123} do print(string.format("%.17g %a", x, x)) end
print(0 / 0 ~= 0 / 0, math.sin(1), math.cos(2), math.exp(1), math.log(10), math.log(8, 2), math.fmod(-5, 3), math.tointeger(3.0), math.ult(1, -1), 3.7 // 1)
local s = 0 for i = 1, 300000 do s = s + 1 / i end print(string.format("%.12f", s)) local e, k = 0, 1 for i = 0, 20 do e = e + 1 / k k = k * (i + 1) end print(e)
local function mandel(w) local n = 0 for y = 0, w - 1 do for x = 0, w - 1 do local cr, ci, zr, zi, i = 2.5 * x / w - 2, 2 * y / w - 1, 0, 0, 0 while zr * zr + zi * zi < 4 and i < 50 do zr, zi, i = zr * zr - zi * zi + cr, 2 * zr * zi + ci, i + 1 end n = n + i end end return n end print(mandel(60))
math.randomseed(42) local a = math.random(1000000) math.randomseed(42) print(a == math.random(1000000))

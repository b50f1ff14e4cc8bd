-- Closures, varargs, and coroutines.
local function counter() local n = 0 return function() n = n + 1 return n end end
local a, b = counter(), counter() a() a() print(a(), b())
local function gen(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i) end end) end
local s = 0 for v in gen(10000) do s = s + v end print(s)
local co = coroutine.create(function(x) local y = coroutine.yield(x * 2) error("bad " .. y) end)
print(coroutine.resume(co, 21)) print(coroutine.resume(co, "end")) print(coroutine.status(co), coroutine.resume(co))
local function perm(a, n) n = n or #a if n <= 1 then coroutine.yield(table.concat(a)) else for i = 1, n do a[n], a[i] = a[i], a[n] perm(a, n - 1) a[n], a[i] = a[i], a[n] end end end
for p in coroutine.wrap(function() perm{"a", "b", "c"} end) do io.write(p, " ") end print()
local function deep(n) if n == 0 then return 0 end return 1 + deep(n - 1) end print(deep(10000)) print(pcall(function() local function f() return f() + 1 end return f() end) == false)

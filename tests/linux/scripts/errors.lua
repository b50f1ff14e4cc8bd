-- What goes wrong is told.
print(pcall(load, nil)) print(load("x = = 1")) print(select(2, pcall(error, "msg", 0))) print(select(2, xpcall(function() local x = nil; x.y = 1 end, function(m) return "handled: " .. m end)))
print(pcall(setmetatable, 1, {})) print(pcall(string.format, "%d", 1.5)) print(tostring(1e400), pcall(math.floor, "x")) print(load("return 1 + 1")()) print(#debug.traceback("t") > 0) print(pcall(require, "nothing") == false)
error("the end")

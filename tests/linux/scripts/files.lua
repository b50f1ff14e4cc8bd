-- Files, lines, seeks, and errors of the system.
local f = assert(io.open("t", "w")) for i = 1, 1000 do f:write(i, "\n") end f:close()
local n = 0 for l in io.lines("t") do n = n + tonumber(l) end print(n)
f = io.open("t", "r+") f:seek("set", 4) f:write("XX") f:seek("set", 0) print(f:read("l", "l", "n")) print(f:seek("end")) f:close()
print(io.open("nothing")) print(io.open("/x/y", "w")) print(os.rename("t", "u")) print(os.rename("t", "u")) print(os.remove("u"), os.remove("u")) print(pcall(io.lines, "none"))
local g = io.open("b", "wb") g:setvbuf("full", 1024) for i = 0, 255 do g:write(string.char(i)) end g:close() g = io.open("b", "rb") local all = g:read("a") print(#all, all:byte(200)) print(g:read(0), g:read(1)) g:close() print(io.type(g), io.type(io.stdout))
local big = string.rep("x", 3000000) local h = io.open("big", "w") h:write(big) h:close() h = io.open("big") print(#h:read("a")) h:close()
print(os.getenv("HOME"), os.getenv("NOTHING"), os.time{year = 2020, month = 1, day = 2, hour = 3}, os.date("!%F %T", 86400))

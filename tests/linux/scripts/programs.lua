-- Other programs, through the shell that there is.
print(os.execute() and "shell" or "none")
local p = io.popen("echo from the shell; exit 3") if p then print(p:read("a")) print(p:close()) end
print(os.execute("exit 4")) print(os.execute("kill -9 $$"))
local q = io.popen("while read a; do echo $a > out; done", "w") if q then q:write("through a pipe\n") q:close() for l in io.lines("out") do print(l) end end
os.exit(7)

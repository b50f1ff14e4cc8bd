/* SPDX-License-Identifier: MIT */
/* Memory: brk, mappings at fixed places, protection, what is given back, growing, and bad pointers.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE       4096ul
#define WRITE      (PROT_READ | PROT_WRITE)
#define OWN        (MAP_PRIVATE | MAP_ANONYMOUS)
#define TELL(call) tell(#call, (long)(call))

static sigjmp_buf back;
static int fault_code;

static void tell(const char *what, long result) {
    printf("%s: %s\n", what, result == -1 ? strerror(errno) : "done");
}

static void on_fault(int signal, siginfo_t *information, void *context) {
    (void)signal, (void)context;
    fault_code = information->si_code;
    siglongjmp(back, 1);
}

static void try_write(const char *what, volatile char *at) {
    if (sigsetjmp(back, 1))
        printf("%s: fault %d\n", what, fault_code);
    else {
        *at = 1;
        printf("%s: written\n", what);
    }
}

static void breaks(void) {
    char *first = sbrk(0);
    TELL(brk(first + 10 * PAGE));
    memset(first, 1, 10 * PAGE);
    TELL(brk(first + PAGE));
    TELL(brk(first + 3 * PAGE));
    printf("zero again: %d, kept: %d\n", first[2 * PAGE] == 0, first[0] == 1);
    try_write("behind the break", first + 4 * PAGE);
    TELL(brk(first));
}

static void places(void) {
    char *at = mmap(NULL, 64 * PAGE, PROT_NONE, OWN, -1, 0);
    try_write("a reservation", at);
    TELL(mprotect(at + PAGE, 2 * PAGE, WRITE));
    try_write("its middle", at + PAGE);
    try_write("behind that", at + 3 * PAGE);
    printf("fixed: %d\n",
           mmap(at + 8 * PAGE, PAGE, WRITE, OWN | MAP_FIXED, -1, 0) == at + 8 * PAGE);
    try_write("fixed", at + 8 * PAGE);
    TELL((long)mmap(at + 8 * PAGE, PAGE, WRITE, OWN | MAP_FIXED_NOREPLACE, -1, 0));
    TELL(mprotect(at + 8 * PAGE, PAGE, PROT_READ));
    try_write("read-only", at + 8 * PAGE);
    TELL(munmap(at + 16 * PAGE, PAGE));
    try_write("a hole", at + 16 * PAGE);
    TELL(munmap(at, 64 * PAGE));
    TELL((long)mmap(at + 1, PAGE, WRITE, OWN | MAP_FIXED, -1, 0));
    TELL(munmap(at + 1, PAGE));
}

static void files(void) {
    char text[3 * PAGE];
    int fd = open("f", O_RDWR | O_CREAT, 0600);
    memset(text, 'x', sizeof text);
    text[PAGE] = 'y';
    if (write(fd, text, sizeof text - 10) < 0)
        perror("write");
    char *at = mmap(NULL, 8 * PAGE, WRITE, OWN, -1, 0);
    char *file = mmap(at + 2 * PAGE, 2 * PAGE, WRITE, MAP_PRIVATE | MAP_FIXED, fd, PAGE);
    printf("at its place: %d, %c%c\n", file == at + 2 * PAGE, file[0], file[1]);
    printf("behind the end: %d\n", file[2 * PAGE - 1]);
    file[1] = 'z';
    if (pread(fd, text, 2, PAGE) < 0)
        perror("pread");
    printf("not in the file: %c\n", text[1]);
    TELL((long)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 1));
    TELL((long)mmap(NULL, 0, PROT_READ, MAP_PRIVATE, fd, 0));
    TELL((long)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, 99, 0));
    close(fd);
}

static void given_back(void) {
    char *at = mmap(NULL, 100 * PAGE, WRITE, OWN, -1, 0);
    memset(at, 7, 100 * PAGE);
    TELL(madvise(at + PAGE, 2 * PAGE, MADV_DONTNEED));
    printf("%d %d %d\n", at[0], at[PAGE], at[3 * PAGE]);
    TELL(madvise(at, 100 * PAGE, MADV_DONTNEED));
    printf("%d %d\n", at[0], at[99 * PAGE]);
    TELL(madvise(at + 1, PAGE, MADV_DONTNEED));
    TELL(madvise(at, PAGE, MADV_WILLNEED));
    TELL(madvise(at, PAGE, 9999));
}

static void grown(void) {
    char *at = mmap(NULL, 4 * PAGE, WRITE, OWN, -1, 0);
    memset(at, 3, 4 * PAGE);
    at = mremap(at, 4 * PAGE, 400 * PAGE, MREMAP_MAYMOVE);
    printf("%d %d\n", at[4 * PAGE - 1], at[399 * PAGE]);
    char *less = mremap(at, 400 * PAGE, 2 * PAGE, 0);
    printf("in place: %d\n", less == at);
    try_write("cut off", at + 3 * PAGE);
    TELL((long)mremap(at + 1, PAGE, PAGE, 0));
    char *room = mmap(NULL, 8 * PAGE, PROT_NONE, OWN, -1, 0);
    char *moved = mremap(at, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, room + PAGE);
    printf("moved: %d %d\n", moved == room + PAGE, moved[PAGE]);
    char *large = malloc(50000000);
    memset(large, 9, 50000000);
    large = realloc(large, 80000000);
    printf("large: %d\n", large && large[49999999] == 9);
    free(large);
}

/* Each is an error, and not the end. */
static void bad_pointers(void) {
    char *none = mmap(NULL, PAGE, PROT_NONE, OWN, -1, 0);
    char *only_read = mmap(NULL, PAGE, PROT_READ, OWN, -1, 0);
    char *edge = (char *)mmap(NULL, 2 * PAGE, WRITE, OWN, -1, 0) + PAGE;
    struct iovec part = {none, 10};
    int two[2];
    munmap(edge, PAGE);
    TELL(pipe(two));
    memset(edge - 5, 'n', 5); /* a name without an end */
    TELL(open(none, O_RDONLY));
    TELL(open(edge - 5, O_RDONLY));
    TELL(stat(".", (struct stat *)none));
    TELL(stat(".", (struct stat *)only_read));
    TELL(write(two[1], none, 5));
    TELL(write(two[1], none, 5000));
    TELL(write(two[1], "text", 4));
    TELL(read(two[0], only_read, 4));
    TELL(read(two[0], edge - 2, 4));
    TELL((long)getcwd(none, 100) ? 0 : -1);
    TELL(pipe((int *)none));
    TELL(writev(two[1], &part, 1));
    TELL(writev(two[1], (struct iovec *)none, 1));
    TELL(syscall(SYS_rt_sigaction, SIGUSR1, none, NULL, 8));
    TELL(execve("/proc/self/exe", (char **)none, NULL));
    TELL(waitpid(-1, (int *)none, WNOHANG));
    TELL(nanosleep((struct timespec *)none, NULL));
    TELL(mkdir(none, 0700));
    TELL(readlink("/proc/self/exe", none, 5));
}

static void shared(void) {
    int *at = mmap(NULL, PAGE, WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child = fork();
    if (!child) {
        *at = 77;
        _exit(0);
    }
    waitpid(child, NULL, 0);
    printf("shared: %d\n", *at);
}

int main(void) {
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    setvbuf(stdout, NULL, _IONBF, 0);
    sigaction(SIGSEGV, &action, NULL);
    breaks();
    places();
    files();
    given_back();
    grown();
    bad_pointers();
    shared();
    return 0;
}

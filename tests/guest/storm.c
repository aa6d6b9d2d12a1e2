/* SPDX-License-Identifier: Apache-2.0 */
/* tests/guest/storm.c - threads that change mappings, protections and code under each other (tests/guest/cpus.py).
 * A Linux program: "storm THREADS". Whatever the order of things, a value is one of those that it may have. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    PAGE = 65536, WORDS = PAGE / 8, REGION = 8 * PAGE, THREADS_MAX = 8,
    CODES = 8, CODE_WORDS = 1024 + 16,      /* apart by a page and a line */
    LI_R3 = 0x38600000, BLR = 0x4e800020,
};

static atomic_uint wrong;
static atomic_bool over;
static unsigned threads;
static uint64_t *region;
static uint32_t *code;
static atomic_uint published;
static atomic_ulong added;
static unsigned long counted;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local sigjmp_buf denied;
static _Thread_local volatile sig_atomic_t may_be_denied;

static void expect(bool good, const char *what, unsigned long value)
{
    if (!good && wrong++ < 8)
        printf("WRONG %s: %#lx\n", what, value);
}

static uint64_t next(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x;
}

static void segv(int sig)
{
    (void)sig;
    if (may_be_denied)
        siglongjmp(denied, 1);
    expect(false, "a store faults", 0);
    _exit(1);
}

static void store(volatile uint64_t *to, uint64_t value)
{
    may_be_denied = 1;
    if (!sigsetjmp(denied, 1))
        *to = value;
    may_be_denied = 0;
}

static void *map(void *where, size_t len, int more)
{
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | (more & MAP_FIXED);
    void *p = mmap(where, len, PROT_READ | PROT_WRITE | (more & PROT_EXEC), flags, -1, 0);

    expect(p != MAP_FAILED, "mmap", (unsigned long)p);
    return p;
}

/* ---- one's own pages come clean and keep what they are given ---- */
static void *own_pages(void *arg)
{
    uint64_t x = (uintptr_t)arg + 1;

    for (unsigned k = 0; k < 40; k++) {
        size_t pages = next(&x) % 8 + 2;
        volatile uint64_t *p = map(NULL, pages * PAGE, 0);

        for (size_t i = 0; i < pages * WORDS; i += 512) {
            expect(!p[i], "a new page", p[i]);
            p[i] = (uintptr_t)&p[i];
        }
        madvise((void *)p, PAGE, MADV_DONTNEED);
        for (size_t i = 0; i < pages * WORDS; i += 512)
            expect(p[i] == (i < WORDS ? 0 : (uintptr_t)&p[i]), "an own page", p[i]);
        munmap((void *)p, pages * PAGE);
    }
    return NULL;
}

/* ---- pages that go and come while others use them ---- */
static uint64_t token(size_t i)
{
    return i * 0x9e3779b97f4a7c15;
}

static void *take_pages(void *arg)
{
    uint64_t x = 1;

    for (unsigned i = 0; i < 90; i++) {
        char *page = (char *)region + next(&x) % 8 * PAGE;

        if (i % 3 == 0) {
            madvise(page, PAGE, MADV_DONTNEED);
        } else if (i % 3 == 1) {
            map(page, PAGE, MAP_FIXED);
        } else {
            uint64_t before, after;

            mprotect(page, PAGE, PROT_READ);
            before = *(volatile uint64_t *)page;
            sched_yield();
            after = *(volatile uint64_t *)page;
            expect(before == after, "a store to what is read-only", after);
            mprotect(page, PAGE, PROT_READ | PROT_WRITE);
        }
    }
    over = true;
    return arg;
}

static void *use_pages(void *arg)
{
    uint64_t x = (uintptr_t)arg + 1;

    while (!over) {
        size_t i = next(&x) % 2 ? next(&x) % (REGION / 8) : next(&x) % 8 * WORDS;
        uint64_t v = ((volatile uint64_t *)region)[i];

        expect(!v || v == token(i) || (i % WORDS == 0 && v < 1 << 20), "a shared page", v);
        store(&region[i], i % WORDS ? token(i) : next(&x) & 0xfffff);
    }
    return NULL;
}

/* ---- copies of a process ---- */
static void *fork_often(void *arg)
{
    for (unsigned k = 0; k < 8; k++) {
        volatile uint64_t here[512];
        uint64_t sum = 0;
        pid_t child;
        int status = 0;

        for (unsigned i = 0; i < 512; i++)
            here[i] = i + k;
        child = fork();
        for (unsigned i = 0; i < 512; i++)
            sum += child ? 0 : here[i] * 3;
        if (!child)
            _exit(sum == 3 * (512 * 511 / 2 + 512 * k) ? 7 : 1);
        for (unsigned i = 0; i < 512; i++)
            here[i] = 0;
        child = waitpid(child, &status, 0) == child ? child : -1;
        expect(child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 7, "a child", (unsigned long)status);
    }
    return arg;
}

/* ---- code written here and run there: what runs is what was published, or newer ---- */
static void put_code(unsigned n)
{
    for (unsigned i = 0; i < CODES; i++) {
        uint32_t *c = code + i * CODE_WORDS;

        __atomic_store_n(c, LI_R3 | n, __ATOMIC_RELAXED);
        c[1] = BLR;
        __asm__ volatile("dcbst 0,%0; sync; icbi 0,%0; sync; isync" : : "r"(c) : "memory");
    }
    published = n;
}

static void *write_code(void *arg)
{
    for (unsigned n = 1; n <= 200; n++) {
        put_code(n);
        sched_yield();
    }
    over = true;
    return arg;
}

static void *run_code(void *arg)
{
    while (!over)
        for (unsigned i = 0; i < CODES; i++) {
            unsigned least = published, ran;

            __asm__ volatile("isync" : : : "memory");
            ran = ((unsigned (*)(void))(void *)(code + i * CODE_WORDS))();
            expect(ran >= least && ran <= published + 1, "code", (unsigned long)ran << 32 | least);
        }
    return arg;
}

/* ---- a word and a lock ---- */
static void *add(void *arg)
{
    for (unsigned i = 0; i < 20000; i++) {
        added++;
        pthread_mutex_lock(&lock);
        counted++;
        pthread_mutex_unlock(&lock);
    }
    return arg;
}

static void all(void *(*first)(void *), void *(*others)(void *))
{
    pthread_t t[THREADS_MAX];

    over = false;
    for (uintptr_t i = 0; i < threads; i++)
        if (pthread_create(&t[i], NULL, i ? others : first, (void *)i))
            abort();
    for (unsigned i = 0; i < threads; i++)
        pthread_join(t[i], NULL);
}

int main(int argc, char **argv)
{
    threads = argc > 1 ? (unsigned)atoi(argv[1]) : 0;
    if (threads < 2 || threads > THREADS_MAX)
        return 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGSEGV, segv);
    region = map(NULL, REGION, 0);
    code = map(NULL, CODES * CODE_WORDS * 4, PROT_EXEC);
    put_code(0);
    all(own_pages, own_pages);
    all(take_pages, use_pages);
    all(fork_often, fork_often);
    all(write_code, run_code);
    all(add, add);
    expect(added == 20000ul * threads && counted == added, "sums", added);
    printf("RESULT storm %u\n", wrong);
    return wrong != 0;
}

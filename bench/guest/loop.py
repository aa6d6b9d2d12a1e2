# SPDX-License-Identifier: Apache-2.0
# bench/guest/loop.py - what an interpreter does: names, calls, lists, dictionaries, strings, large numbers.
class Body:
    def __init__(self, x, v):
        self.x, self.v = x, v

    def step(self, other):
        self.v += (other.x - self.x) * 0.001
        self.x += self.v


def sieve(n):
    flags = [True] * n
    for i in range(2, n):
        if flags[i]:
            for k in range(i * i, n, i):
                flags[k] = False
    return sum(flags)


def words(n):
    counts = {}
    for i in range(n):
        w = "w%d" % (i * 7919 % 1009)
        counts[w] = counts.get(w, 0) + len(w)
    return sorted(counts.items(), key=lambda p: (p[1], p[0]))[:3]


bodies = [Body(i * 1.5, 0.25 * i) for i in range(8)]
for _ in range(1500):
    for a in bodies:
        for b in bodies:
            a.step(b)
big = 3
for _ in range(11):
    big = big * big + 1
print(["%.9e" % b.x for b in bodies], sieve(120000), words(60000), hash(str(big)[:40].encode().hex()[:2]) is None,
      len(str(big)))

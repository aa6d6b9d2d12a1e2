#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the names and operands our disassembler gives with binutils': names.py ISA_WORDS OBJDUMP power8|power9

Each row of the instruction table must have at least one word that binutils knows by the same name, and where the names
agree the operands must be the same numbers.  Differences of convention are listed below.

    names.py --program PAPRIKA OBJDUMP FILE     the same for each different word in the code of an ELF file, by
                                                paprika disas"""

import re
import struct
import subprocess
import sys
import tempfile

# Our rows for special cases of one instruction of the book.
ALIAS = {"lwsync": "sync", "ptesync": "sync", "hwsync": "sync", "cmpw": "cmp", "cmpd": "cmp", "cmplw": "cmpl",
         "cmpld": "cmpl", "cmpwi": "cmpi", "cmpdi": "cmpi", "cmplwi": "cmpli", "cmpldi": "cmpli"}
BRANCH = re.compile(r"b(t|f|dnz|dz|dnzf|dzf|dnzt|dzt)?(lr|ctr)?(l?a?)$")

# Rows that binutils does not have on POWER9, or only for words we do not draw.
UNKNOWN = {
    "nop31": "reserved no-operations of the book",
    "mfocrf": "known when one field is named", "mtocrf": "the same",
    "mftb": "known for two register numbers only",
    "wait": "binutils gives the 2.07 form to embedded processors",
    "lfdp": "binutils drops what the book phases out", "stfdp": "the same", "lfdpx": "the same", "stfdpx": "the same",
}
# Operands that one of the two leaves out or orders differently.
FREE_OPERANDS = {"cmp", "cmpl", "cmpi", "cmpli", "sync", "bc", "bclr", "bcctr", "b", "addpcis",
                 "xvtstdcdp", "xvtstdcsp"}


def book_name(name):
    if name in ALIAS:
        return ALIAS[name]
    m = BRANCH.match(name)
    if m and (m.group(1) or m.group(2)):
        return "b" + {"lr": "clr", "ctr": "cctr", None: "c"}[m.group(2)] + m.group(3)
    return name


def numbers(operands):
    """Register names, condition bits and signs of hexadecimal all become numbers."""
    bits = {"lt": 0, "gt": 1, "eq": 2, "so": 3}
    text = re.sub(r"4\*cr(\d)\+(\w\w)", lambda m: str(4 * int(m.group(1)) + bits[m.group(2)]), operands)
    text = re.sub(r"\b(lt|gt|eq|so)\b", lambda m: str(bits[m.group(1)]), text)
    text = re.sub(r"\b(?:vs|cr|r|f|v)(\d+)\b", r"\1", text)
    return [int(n, 0) for n in re.findall(r"-?(?:0x[0-9a-f]+|\d+)", text)]


# Their last operands are hints and kinds that we do not show.
HINTED = {"lbarx", "lharx", "lwarx", "ldarx", "lqarx", "tlbie", "tlbiel"}


def same(name, ours, theirs):
    """binutils shows optional operands, reads 32 for 0 bytes, and makes register pairs of decimal numbers even."""
    if len(theirs) > len(ours) and set(theirs[len(ours):]) <= {0, -1}:
        theirs = theirs[:len(ours)]
    if name in HINTED:
        theirs = theirs[:len(ours)]
    if name in ("lswi", "stswi"):
        ours = [32 if i == 2 and n == 0 else n for i, n in enumerate(ours)]
    if name[0] == "d" and name.rstrip(".")[-1] == "q" and len(ours) == len(theirs):
        return all(a == b or a - 1 == b for a, b in zip(ours, theirs))
    return ours == theirs


def disassemble(objdump, cpu, words):
    with tempfile.NamedTemporaryFile(suffix=".bin") as f:
        f.write(b"".join(struct.pack("<I", w) for w in words))
        f.flush()
        out = subprocess.run([objdump, "-D", "-b", "binary", "-m", "powerpc:common64", "-EL", f"-M{cpu},raw", f.name],
                             stdout=subprocess.PIPE, text=True, check=True).stdout
    return [m.group(1).split(None, 1) for m in re.finditer(r"^\s*[0-9a-f]+:\s+(?:[0-9a-f]{2} ){4}\s*(.*)$", out, re.M)]


def program(paprika, objdump, path):
    """How many different words: one that only one of the two knows, or that they read differently, is a difference."""
    def disas(file):
        out = subprocess.run([paprika, "disas", file], stdout=subprocess.PIPE, text=True, check=True).stdout
        return [line.split(None, 3)[1:] for line in out.splitlines() if "  " in line]
    words = sorted({int(o[0], 16) for o in disas(path)})
    with tempfile.NamedTemporaryFile(suffix=".words") as f:
        f.write(b"".join(struct.pack("<I", w) for w in words))
        f.flush()
        ours = disas(f.name)
    both = [(o, t) for o, t in zip(ours, disassemble(objdump, "power9", words), strict=True)]
    one = [(o, t) for o, t in both if (o[1] == ".long") != (t[0] == ".long")]
    known = [(o, t) for o, t in both if o[1] != ".long" and t[0] != ".long"]
    different = [(o, t) for o, t in known if differ(o, t)]
    for o, t in one + different:
        print(f"{o[0]}: ours {' '.join(o[1:])}, binutils {' '.join(t)}")
    print(f"{len(words)} words, {len(known) - len(different)} read alike, {len(different)} differently, "
          f"{len(one)} known to one only, {len(both) - len(known) - len(one)} to none")
    return 1 if different else 0


def differ(o, t):
    """A word both know: another name, or other operands where they can be compared."""
    name = book_name(o[1])
    if name != t[0] and (name, t[0]) != ("dss", "dssall"):
        return True
    a, b = numbers(o[2] if len(o) > 2 else ""), numbers(t[1] if len(t) > 1 else "")
    return not same(name, a, b) and name.rstrip("la") not in FREE_OPERANDS and name not in FREE_OPERANDS


def main():
    if sys.argv[1] == "--program":
        return program(*sys.argv[2:])
    words, objdump, cpu = sys.argv[1:]
    lines = subprocess.run([words, cpu], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    ours = [line.split(None, 2) for line in lines]
    theirs = disassemble(objdump, cpu, [int(o[0], 16) for o in ours])
    agreed, failed, names = set(), 0, set()
    for o, t in zip(ours, theirs, strict=True):
        name = book_name(o[1])
        names.add(o[1])
        if t[0] == ".long":
            continue
        if name != t[0]:
            failed += 1
            print(f"{o[0]}: ours {o[1]}, binutils {t[0]}")
            continue
        agreed.add(o[1])
        if differ(o, t):
            failed += 1
            print(f"{o[0]}: ours {' '.join(o[1:])}, binutils {' '.join(t)}")
    for name in sorted(names - agreed):
        base = name.rstrip(".")
        if base not in UNKNOWN and not any(base == a.rstrip(".") for a in agreed):
            failed += 1
            print(f"{name}: binutils does not know it")
    print(f"{len(agreed)} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())

#ifndef SIMULATION_MACHINE_H
#define SIMULATION_MACHINE_H

#include "base/clock.h"

/*
 * What a core does not decide itself, decided by a seed: which thread runs
 * when, what the clocks of the machine say, what the system's random bytes
 * are. The linker puts it in the place of service/worker.c's threads, of
 * base/clock.c's system clocks and of poll(2); libsodium asks it for bytes.
 */

/* Everything drawn from now on comes from this seed. */
void machine_start(uint64_t seed, struct clock_fake *clock);

/* 0 to n - 1. The one source of chance of the simulation. */
unsigned machine_draw(unsigned n);

/* Lets the threads run, `n` tasks at most, in an order of the seed's. */
void machine_run(unsigned n);

#endif

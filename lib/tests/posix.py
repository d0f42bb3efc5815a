# SPDX-License-Identifier: BSD-3-Clause
"""Python's own users of semaphores, named and unnamed, and of shared memory."""
import multiprocessing as mp
from multiprocessing import shared_memory
import threading


def work(lock, slots, results, counter, memory):
    segment = shared_memory.SharedMemory(memory)
    for _ in range(100):
        with slots, lock:
            counter.value += 1
            segment.buf[0] = (segment.buf[0] + 1) % 256
    segment.close()
    results.put(mp.current_process().name)


def main():
    mp.set_start_method('fork')
    segment = shared_memory.SharedMemory(create=True, size=16)
    lock, slots = mp.Lock(), mp.Semaphore(2)
    results, counter = mp.Queue(), mp.RawValue('i', 0)
    people = [mp.Process(target=work, args=(lock, slots, results, counter,
                                            segment.name)) for _ in range(4)]
    for person in people:
        person.start()
    names = {results.get(timeout=60) for _ in people}
    for person in people:
        person.join()
    assert names == {person.name for person in people}, names
    assert counter.value == 400, counter.value
    assert segment.buf[0] == 400 % 256, segment.buf[0]
    assert not lock.acquire(timeout=0.01) or not lock.release()
    segment.close()
    segment.unlink()

    ready = threading.Event()
    thread = threading.Thread(target=ready.set)
    thread.start()
    assert ready.wait(60)
    thread.join()


main()

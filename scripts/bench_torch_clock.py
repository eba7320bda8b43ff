"""How the PyTorch benchmarks on the CPU measure: the time of passes, and the peak memory of the process."""
import resource
import statistics
import time


def measured(f, least, seconds=0):
    """The medians of wall time and of the time of all processors of f(), over at least so many calls and seconds, after one that is not
    counted."""
    f()
    walls, processors = [], []
    while len(walls) < least or sum(walls) < seconds:
        wall, processor = time.perf_counter(), time.process_time()
        f()
        walls.append(time.perf_counter() - wall)
        processors.append(time.process_time() - processor)
    return statistics.median(walls), statistics.median(processors)


def peak():
    """The most memory that the process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

// How jemalloc is set up; it reads this symbol at the start of the process.
//
// oversize_threshold:0: allocations of 8 MiB and more are not given back to the system at once. A sheet's renderer takes and
// frees the tables of a CJK font, 16 MiB, each time.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "oversize_threshold:0";
}

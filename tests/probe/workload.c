/*
 * tests/probe/workload.c - makes the calls that the probe is to see.
 *
 * `workload WHAT [ARG]...`; each step that must work ends the program with
 * status 1 and a line if it does not.  The calls are made bare, so that the
 * same ones come from every C library.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <linux/userfaultfd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define must(what) must_((what), #what, __LINE__)

static long must_(long ret, const char *what, int line)
{
	if (ret >= 0)
		return ret;
	fprintf(stderr, "workload:%d: %s: %s\n", line, what, strerror(errno));
	exit(1);
}

static int num(const char *text)
{
	return (int)strtol(text, NULL, 10);
}

static void touch(const char *path, int flags)
{
	close((int)must(syscall(SYS_openat, AT_FDCWD, path, flags, 0600)));
}

/* one PATH: a single open. */
static void do_one(char **argv)
{
	touch(argv[0], O_RDONLY);
}

/* files DIR: every call that opens or changes a name, in DIR. */
static void do_files(char **argv)
{
	struct open_how how = { .flags = O_RDWR | O_CREAT, .mode = 0600 };
	int dir;

	must(chdir(argv[0]));
	must(mkdir("sub", 0700));
	must(symlink("sub", "via"));
	touch("plain", O_WRONLY | O_CREAT | O_TRUNC);
	touch("./sub/../plain", O_RDONLY);
	touch("plain", O_RDWR);
	touch("plain", O_RDONLY | O_TRUNC);
	touch("new", O_RDONLY | O_CREAT);
	touch("via/inside", O_WRONLY | O_CREAT);
	touch("via/inside", O_RDONLY);
	dir = (int)must(open("via", O_PATH | O_DIRECTORY));
	close((int)must(syscall(SYS_openat, dir, "inside", O_RDONLY)));
	close((int)must(
		syscall(SYS_openat2, dir, "second", &how, sizeof(how))));
	must(symlink("dangling-target", "dangling"));
	touch("dangling", O_WRONLY | O_CREAT);
	must(syscall(SYS_openat, AT_FDCWD, "missing", O_RDONLY) < 0 ? 0 : -1);
	must(syscall(SYS_openat, AT_FDCWD, "no/such/dir", O_RDONLY) < 0 ? 0 :
									  -1);
	must(syscall(SYS_rename, "plain", "renamed"));
	must(syscall(SYS_renameat2, AT_FDCWD, "renamed", dir, "moved", 0));
	must(syscall(SYS_link, "new", "hard"));
	must(syscall(SYS_linkat, dir, "moved", AT_FDCWD, "hard2", 0));
	must(syscall(SYS_symlinkat, "anywhere", dir, "soft"));
	must(syscall(SYS_truncate, "via/inside", 10));
	must(syscall(SYS_mknod, "fifo", S_IFIFO | 0600, 0));
	must(syscall(SYS_unlink, "fifo"));
	must(syscall(SYS_unlinkat, dir, "soft", 0));
	must(syscall(SYS_creat, "created", 0600) < 0 ? -1 : 0);
	touch("/proc/self/status", O_RDONLY);
	touch("bad\xff"
	      "name\xc3\xa9",
	      O_WRONLY | O_CREAT);
	must(syscall(SYS_openat, AT_FDCWD, (char *)1, O_RDONLY) < 0 ? 0 : -1);
}

/* exec PATH: by execve, and by execveat of a descriptor. */
static void do_exec(char **argv)
{
	char *args[] = { argv[0], (char *)"first", (char *)"se cond", NULL };
	char *none[] = { NULL };

	if (must(fork()) == 0) {
		execve(argv[0], args, none);
		_exit(1);
	}
	wait(NULL);
	if (must(fork()) == 0) {
		int fd = open(argv[0], O_RDONLY | O_CLOEXEC);

		syscall(SYS_execveat, fd, "", args, none, AT_EMPTY_PATH);
		_exit(1);
	}
	wait(NULL);
	must(execve("/nonexistent/program", args, none) < 0 ? 0 : -1);
}

static struct sockaddr_in v4(const char *ip, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port) };

	inet_pton(AF_INET, ip, &a.sin_addr);
	return a;
}

static struct sockaddr_in6 v6(const char *ip, int port)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6,
				  .sin6_port = htons((uint16_t)port) };

	inet_pton(AF_INET6, ip, &a.sin6_addr);
	return a;
}

static int port_of(int fd)
{
	struct sockaddr_in6 a;
	socklen_t len = sizeof(a);

	must(getsockname(fd, (struct sockaddr *)&a, &len));
	return ntohs(a.sin6_port); /* at the same place in v4 */
}

static int listen_on(struct sockaddr *a, socklen_t len, int type)
{
	int fd = (int)must(socket(a->sa_family, SOCK_STREAM | type, 0));

	must(bind(fd, a, len));
	must(listen(fd, 8));
	return fd;
}

/* Prints the ports: listener v4, client of it, listener v6, udp. */
static void do_net(char **argv)
{
	struct sockaddr_in any4 = v4("127.0.0.1", 0), to4;
	struct sockaddr_in6 any6 = v6("::1", 0), to6, mapped;
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int s4 = listen_on((void *)&any4, sizeof(any4), SOCK_NONBLOCK), s6 = -1;
	int c4, udp, port4 = port_of(s4), port6 = 0;
	struct iovec iov = { (char *)"x", 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct mmsghdr many[3];

	(void)argv;
	/* Nothing pending: no event. */
	must(accept(s4, NULL, NULL) < 0 && errno == EAGAIN ? 0 : -1);
	c4 = (int)must(socket(AF_INET, SOCK_STREAM, 0));
	to4 = v4("127.0.0.1", port4);
	must(connect(c4, (void *)&to4, sizeof(to4)));
	close((int)must(accept4(s4, NULL, NULL, SOCK_CLOEXEC)));
	printf("server4 %d\nclient4 %d\n", port4, port_of(c4));
	/* The same address in v6 clothes. */
	mapped = v6("::ffff:127.0.0.1", port4);
	close(c4);
	c4 = (int)must(socket(AF_INET6, SOCK_STREAM, 0));
	must(connect(c4, (void *)&mapped, sizeof(mapped)));
	close((int)must(accept(s4, NULL, NULL)));
	if (socket(AF_INET6, SOCK_STREAM, 0) >= 0) {
		s6 = listen_on((void *)&any6, sizeof(any6), 0);
		port6 = port_of(s6);
		to6 = v6("::1", port6);
		c4 = (int)must(socket(AF_INET6, SOCK_STREAM, 0));
		must(connect(c4, (void *)&to6, sizeof(to6)));
		/* A blocking one, with somebody there. */
		close((int)must(accept(s6, NULL, NULL)));
	}
	printf("server6 %d\n", port6);
	udp = (int)must(socket(AF_INET, SOCK_DGRAM, 0));
	must(bind(udp, (void *)&any4, sizeof(any4)));
	to4 = v4("127.0.0.1", port_of(udp));
	printf("udp %d\n", port_of(udp));
	must(sendto(udp, "x", 1, 0, (void *)&to4, sizeof(to4)));
	m.msg_name = &to4;
	m.msg_namelen = sizeof(to4);
	must(sendmsg(udp, &m, 0));
	for (int i = 0; i < 3; i++)
		many[i] = (struct mmsghdr){ .msg_hdr = m };
	must(sendmmsg(udp, many, 3, 0) == 3 ? 0 : -1);
	must(connect(udp, (void *)&to4, sizeof(to4)));
	must(send(udp, "x", 1, 0)); /* no address: no event */
	m.msg_name = NULL;
	m.msg_namelen = 0;
	must(sendmsg(udp, &m, 0));
	/* Not the network. */
	memcpy(un.sun_path, "/nonexistent/socket", 20);
	c4 = (int)must(socket(AF_UNIX, SOCK_STREAM, 0));
	must(connect(c4, (void *)&un, sizeof(un)) < 0 ? 0 : -1);
}

static void call_and_count(int fd, int n, const struct sockaddr_in *to)
{
	for (int i = 0; i < n; i++) {
		int c = (int)must(socket(AF_INET, SOCK_STREAM, 0));
		char byte;

		must(connect(c, (const void *)to, sizeof(*to)));
		must(read(c, &byte, 1) == 1 ? 0 : -1);
		close(c);
	}
	close(fd);
}

/* prefork N CALLS: N processes in a blocking accept on one socket, and N more
 * that call each CALLS times; every call is answered by a byte. */
static void do_prefork(char **argv)
{
	struct sockaddr_in any = v4("127.0.0.1", 0), to;
	int s = listen_on((void *)&any, sizeof(any), 0), n = num(argv[0]);
	pid_t servers[64];
	int status;

	to = v4("127.0.0.1", port_of(s));
	for (int i = 0; i < n; i++) {
		servers[i] = (pid_t)must(fork());
		while (servers[i] == 0) {
			struct sockaddr_in peer;
			socklen_t len = sizeof(peer);
			int c = (int)must(accept(s, (void *)&peer, &len));

			if (len != sizeof(peer) || peer.sin_family != AF_INET ||
			    !peer.sin_port)
				_exit(1);
			must(write(c, "x", 1));
			close(c);
		}
	}
	for (int i = 0; i < n; i++) {
		if (must(fork()) == 0) {
			call_and_count(s, num(argv[1]), &to);
			_exit(0);
		}
	}
	for (int i = 0; i < n; i++)
		must(wait(&status) > 0 && status == 0 ? 0 : -1);
	for (int i = 0; i < n; i++)
		kill(servers[i], SIGTERM);
	while (wait(NULL) > 0)
		;
}

static int waiting_client(int s)
{
	struct sockaddr_in to = v4("127.0.0.1", port_of(s));
	int c = (int)must(socket(AF_INET, SOCK_STREAM, 0));

	must(connect(c, (void *)&to, sizeof(to)));
	return c;
}

/* accepts: what accept does besides accepting. */
static void do_accepts(char **argv)
{
	struct sockaddr_in any = v4("127.0.0.1", 0);
	int s = listen_on((void *)&any, sizeof(any), 0), c, fd;
	struct sockaddr_storage peer;
	socklen_t len = 4;
	struct rlimit limit, full;

	(void)argv;
	/* Little room: cut, and the true length told. */
	memset(&peer, 0xee, sizeof(peer));
	c = waiting_client(s);
	fd = (int)must(
		accept4(s, (void *)&peer, &len, SOCK_NONBLOCK | SOCK_CLOEXEC));
	must(len == 16 && ((char *)&peer)[4] == (char)0xee ? 0 : -1);
	must(fcntl(fd, F_GETFL) & O_NONBLOCK ? 0 : -1);
	must(fcntl(fd, F_GETFD) & FD_CLOEXEC ? 0 : -1);
	close(fd);
	close(c);
	c = waiting_client(s);
	fd = (int)must(accept(s, NULL, NULL));
	must(fcntl(fd, F_GETFL) & O_NONBLOCK ? -1 : 0);
	must(fcntl(fd, F_GETFD) & FD_CLOEXEC ? -1 : 0);
	/* The lowest free number. */
	must(dup(0) == fd + 1 ? 0 : -1);
	close(c);
	/* A bad address, a bad length, bad flags. */
	c = waiting_client(s);
	len = 16;
	must(accept(s, (void *)1, &len) < 0 && errno == EFAULT ? 0 : -1);
	c = waiting_client(s);
	len = (socklen_t)-1;
	must(accept(s, (void *)&peer, &len) < 0 && errno == EINVAL ? 0 : -1);
	must(accept4(s, NULL, NULL, 1) < 0 && errno == EINVAL ? 0 : -1);
	/* A full table: the connection is there for the next accept. */
	c = waiting_client(s);
	must(getrlimit(RLIMIT_NOFILE, &limit));
	full = limit;
	full.rlim_cur = (rlim_t)c + 1;
	while (dup(0) >= 0 && full.rlim_cur > 3)
		if (setrlimit(RLIMIT_NOFILE, &full) != 0)
			exit(1);
	must(accept(s, NULL, NULL) < 0 && errno == EMFILE ? 0 : -1);
	must(setrlimit(RLIMIT_NOFILE, &limit));
	fd = (int)must(accept(s, NULL, NULL));
	must(write(fd, "x", 1));
	must(read(c, &peer, 1) == 1 ? 0 : -1);
	printf("good\n");
}

/* block: waits in accept, after telling its port. */
static void do_block(char **argv)
{
	struct sockaddr_in any = v4("127.0.0.1", 0);
	int s = listen_on((void *)&any, sizeof(any), 0);

	(void)argv;
	printf("server4 %d\n", port_of(s));
	fflush(stdout);
	close((int)must(accept(s, NULL, NULL)));
}

static struct {
	const char *path;
	int n;
} thread_work;

static void *open_many(void *arg)
{
	for (int i = 0; i < thread_work.n; i++)
		touch(thread_work.path, O_RDONLY);
	return arg;
}

static void *send_many(void *arg)
{
	struct iovec iov = { (char *)"x", 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	int pair[2];
	char c;

	must(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
	for (int i = 0; i < thread_work.n; i++) {
		must(sendmsg(pair[0], &m, 0));
		must(read(pair[1], &c, 1));
		touch(thread_work.path, O_RDONLY);
	}
	return arg;
}

static void run_threads(char **argv, void *(*run)(void *))
{
	pthread_t threads[64];
	int n = num(argv[1]);

	thread_work.path = argv[0];
	thread_work.n = num(argv[2]);
	for (int i = 0; i < n && i < 64; i++)
		must(-pthread_create(&threads[i], NULL, run, NULL));
	for (int i = 0; i < n && i < 64; i++)
		pthread_join(threads[i], NULL);
}

/* threads PATH THREADS OPENS */
static void do_threads(char **argv)
{
	run_threads(argv, open_many);
}

/* messages PATH THREADS N: sendmsg and open in turn. */
static void do_messages(char **argv)
{
	run_threads(argv, send_many);
}

static void on_timer(int sig)
{
	(void)sig;
}

/* storm DIR N: exclusive creates under a 200 us timer. */
static void do_storm(char **argv)
{
	struct itimerval timer = { { 0, 200 }, { 0, 200 } };
	struct sigaction sa = { .sa_handler = on_timer,
				.sa_flags = SA_RESTART };
	int n = num(argv[1]), failed = 0;

	must(chdir(argv[0]));
	must(sigaction(SIGALRM, &sa, NULL));
	must(setitimer(ITIMER_REAL, &timer, NULL));
	for (int i = 0; i < n; i++) {
		char name[32];
		int fd;

		snprintf(name, sizeof(name), "f%d", i);
		fd = (int)syscall(SYS_openat, AT_FDCWD, name,
				  O_WRONLY | O_CREAT | O_EXCL, 0600);
		failed += fd < 0;
		if (fd >= 0)
			close(fd);
	}
	printf("failed %d\n", failed);
}

/* daemon PATH MARK: leaves a process that opens PATH every 20 ms until the
 * file MARK is there. */
static void do_daemon(char **argv)
{
	if (must(fork()) > 0)
		return;
	must(setsid());
	if (must(fork()) > 0)
		_exit(0);
	for (int i = 0; i < 3; i++)
		close(i);
	printf("\n");
	while (access(argv[1], F_OK) != 0) {
		touch(argv[0], O_RDONLY);
		usleep(20000);
	}
	_exit(0);
}

/* iouring: is a ring to be had? */
static void do_iouring(char **argv)
{
	char params[120] = { 0 };

	(void)argv;
	if (syscall(SYS_io_uring_setup, 4, params) >= 0)
		exit(1);
	printf("errno %d\n", errno);
}

/* int80 PATH: an open by the i386 table. */
static void do_int80(char **argv)
{
	long ret = -ENOSYS;
#ifdef __x86_64__
	char *path = (char *)0x10000000;
	char *page;

	(void)argv;
	page = (char *)syscall(SYS_mmap, path, 4096, 3, 0x32, -1, 0);
	must(page == path ? 0 : -1);
	memcpy(path, argv[0], strlen(argv[0]) + 1);
	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "a"(5), "b"(path), "c"(0), "d"(0)
			 : "memory", "r8", "r9", "r10", "r11");
#endif
	printf("answer %ld\n", ret);
}

/* ids UID PATH: gives up root in the process, then opens. */
static void do_ids(char **argv)
{
	must(setgid((gid_t)num(argv[0])));
	must(setuid((uid_t)num(argv[0])));
	usleep(10000);
	touch(argv[1], O_RDONLY);
}

/* A page that is never filled in, but for fill_in(). */
static char *hole(int *fd)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register r = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	*fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	if (*fd < 0)
		exit(77);
	must(ioctl(*fd, UFFDIO_API, &api));
	r.range.start = (unsigned long)page;
	r.range.len = 4096;
	must(ioctl(*fd, UFFDIO_REGISTER, &r));
	return page;
}

static void *open_hole(void *page)
{
	syscall(SYS_openat, AT_FDCWD, page, O_RDONLY);
	return NULL;
}

/* stuck PATH: a path that cannot be read for two seconds, and opens of another
 * meanwhile and afterwards. */
static void do_stuck(char **argv)
{
	struct uffdio_zeropage zero = { .mode = 0 };
	pthread_t t;
	int fd;

	zero.range.start = (unsigned long)hole(&fd);
	zero.range.len = 4096;
	must(-pthread_create(&t, NULL, open_hole, (void *)zero.range.start));
	usleep(200000);
	for (int i = 0; i < 100; i++)
		touch(argv[0], O_RDONLY);
	printf("went on\n");
	fflush(stdout);
	sleep(1);
	must(ioctl(fd, UFFDIO_ZEROPAGE, &zero));
	pthread_join(t, NULL);
	usleep(500000);
	for (int i = 0; i < 100; i++)
		touch(argv[0], O_RDWR);
}

/* without-getfd COMMAND...: as under a container's filter. */
static void do_without_getfd(char **argv)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_getfd, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { sizeof(code) / sizeof(code[0]), code };

	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog));
	must(execvp(argv[0], argv));
}

static const struct {
	const char *name;
	int args;
	void (*run)(char **argv);
} works[] = {
	{ "prefork", 2, do_prefork },
	{ "accepts", 0, do_accepts },
	{ "one", 1, do_one },
	{ "files", 1, do_files },
	{ "exec", 1, do_exec },
	{ "net", 0, do_net },
	{ "block", 0, do_block },
	{ "threads", 3, do_threads },
	{ "messages", 3, do_messages },
	{ "storm", 2, do_storm },
	{ "daemon", 2, do_daemon },
	{ "iouring", 0, do_iouring },
	{ "int80", 1, do_int80 },
	{ "ids", 2, do_ids },
	{ "stuck", 1, do_stuck },
	{ "without-getfd", 1, do_without_getfd },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++) {
		if (argc < 2 || strcmp(argv[1], works[i].name) != 0 ||
		    argc - 2 < works[i].args)
			continue;
		works[i].run(argv + 2);
		return 0;
	}
	return 2;
}

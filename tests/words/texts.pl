#!/usr/bin/perl
# Texts for the judge: what people write, every pair of kinds of characters in
# several surroundings, and seeded mixtures, some longer than a word may be.
use strict;
use warnings;
binmode STDOUT, ':encoding(UTF-8)';

my @texts = (
	'10,125', '10.134', 'qualys.corp.com', '102354.qualys', 'qualys,25576.13',
	'Ensure IAM Password Policy is Enabled', 'ubuntu:latest', 'nginx:1.25',
	'/usr/lib/python3/dist-packages/module.py', 'foo_bar', '_foo', '__init__.py',
	'foo-bar', 'a.b.c', '1.2.3.4', '10:30', 'user@host.example.com', "don't",
	"it\x{2019}s", "'quoted'", '"double"', 'C++ C#', 'a=b&c=d', 'x64', '3D', '1st',
	'192.168.0.1:8080', 'fe80::1', '$HOME/.ssh/id_rsa', '--config=/etc/x.conf',
	'1,000,000.50', '1;2', "1'000", 'a,b', 'a;b', 'a:b', '1:2', 'a.1', '1.a', 'a_1.b',
	"\x{4f60}\x{597d}\x{4e16}\x{754c}", "\x{3053}\x{3093}\x{306b}\x{3061}\x{306f}",
	"\x{30ab}\x{30bf}\x{30ab}\x{30ca}", "\x{d55c}\x{ad6d}\x{c5b4} \x{d14d}",
	"\x{e2a}\x{e27}\x{e31}\x{e2a}\x{e14}\x{e35} \x{e0a}\x{e32}", "\x{5e9}\x{5dc}\x{5d5}\x{5dd}",
	"\x{5e6}\"\x{5d4}", "\x{5d0}'", "cafe\x{301}", "e\x{301}e\x{301}", "\x{1f600}\x{1f600}",
	"\x{1f468}\x{200d}\x{1f469}\x{200d}\x{1f467}", "\x{1f44d}\x{1f3fd}", "\x{1f1e9}\x{1f1ea}\x{1f1eb}\x{1f1f7}",
	"1\x{fe0f}\x{20e3}", "#\x{20e3}", "\x{2764}\x{fe0f}", "\x{2122}", "\x{a9} 2018", "\x{2139}",
	"\x{1f3f4}\x{e0067}\x{e0062}\x{e0065}\x{e006e}\x{e0067}\x{e007f}", "\x{24c2}x", "\x{ff11}\x{ff12}",
	"\x{ff76}\x{ff9e}", "\x{661}\x{662}\x{66b}\x{663}", "a\x{ad}b", "a\x{200b}b", "a\x{2028}b",
	'x' x 255, 'x' x 256, 'x' x 600, '1' x 300, ('x' x 254) . '.x', ('x' x 255) . '.x',
	('x' x 254) . "\x{10400}" . ('x' x 300), "\x{10400}" x 200, '_' x 300, 'a_' x 200,
	"\x{e01}" x 300, ('x ' x 300), "\x{1f600}\x{200d}" x 100, '', ' ', '...', '-', '"', "\x{301}",
);
print "$_\n" for @texts;

# One of each kind, as words see it.
my @kinds = ('a', 'Z', '1', ' ', '_', '.', ',', ':', ';', "'", '"', '-', '#', "\x{2019}", "\x{b7}",
	"\x{5d0}", "\x{661}", "\x{e01}", "\x{e31}", "\x{1100}", "\x{200d}", "\x{20e3}", "\x{2139}",
	"\x{4e00}", "\x{3041}", "\x{30a2}", "\x{fe0e}", "\x{fe0f}", "\x{1f1e6}", "\x{1f3fb}", "\x{e0061}",
	"\x{e007f}", "\x{300}", "\x{ad}", "\x{1f600}", "\x{a9}", "\x{2040}", "\x{10400}");
for my $x (@kinds) {
	for my $y (@kinds) {
		print "$x$y a$x${y}b1$x${y}2\x{30a2}$x$y\x{30a2}$x$y$x$y\n";
	}
}

# A generator of our own, so that the texts are the same everywhere.
my $seed = 1;
sub below { my ($n) = @_; $seed = ($seed * 1103515245 + 12345) & 0x7fffffff; return ($seed >> 8) % $n; }
for (1 .. 1200) {
	my @pool = map { $kinds[below(scalar @kinds)] } 0 .. below(6);
	print join('', map { $pool[below(scalar @pool)] } 0 .. 2 + below(24)), "\n";
}
for (1 .. 40) {
	my @pool = map { $kinds[below(scalar @kinds)] } 0 .. below(3);
	print join('', map { $pool[below(scalar @pool)] } 0 .. 250 + below(300)), "\n";
}

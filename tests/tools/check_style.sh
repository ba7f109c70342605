#!/usr/bin/perl
# What the compiler does not hold of the house style: banned calls, comment
# form, line and file length, blanks, and where output may be written.
use strict;
use warnings;

my %banned = (
	(map { $_ => 'it does not know the size of its target' } qw(strcpy strcat sprintf vsprintf gets stpcpy)),
	(map { $_ => 'it cannot report an error' } qw(atoi atol atoll atof)),
	(map { $_ => 'it keeps state between calls' } qw(strtok)),
	(map { $_ => 'the stack has no error return' } qw(alloca strdupa)),
);
my %heap = map { $_ => 1 } qw(malloc calloc realloc reallocarray strdup strndup asprintf vasprintf);
my %output = map { $_ => 1 } qw(printf vprintf puts putchar);

use constant { COLUMNS => 100, LINES => 800 };

my ($files, $failed) = (0, 0);

sub bad {
	my ($path, $line, $text) = @_;
	print "$path:$line: $text\n";
	$failed++;
}

# The code alone: comments and the insides of strings become blanks, lines stay.
sub code_of {
	my ($text) = @_;
	$text =~ s{
		(/\*.*?\*/) | ("(?:[^"\\\n]|\\.)*") | ('(?:[^'\\\n]|\\.)+')
	}{
		my $found = $&;
		my $quote = $found =~ /^["']/ ? substr($found, 0, 1) : '';
		(my $blank = $found) =~ s/[^\n]/ /g;
		$quote ? $quote . substr($blank, 1, -1) . $quote : $blank
	}gsex;
	return $text;
}

sub check_calls {
	my ($path, $n, $code) = @_;
	my $test = $path =~ m{^tests/};

	while ($code =~ /\b([a-z_]+)\s*\(/g) {
		my $name = $1;
		if ($banned{$name}) {
			bad($path, $n, "$name() is banned: $banned{$name}");
		} elsif ($heap{$name} && !$test && $path ne 'base/mem.c') {
			bad($path, $n, "$name() does not pass base/mem.h");
		} elsif ($output{$name} && !$test && $path !~ m{/cli/|/main_}) {
			bad($path, $n, "$name() outside a program");
		}
	}
}

sub check_file {
	my ($path) = @_;
	open my $fh, '<', $path or die "$path: $!\n";
	my $text = do { local $/; <$fh> } // '';
	my @lines = split /\n/, $text, -1;
	my @code = split /\n/, code_of($text), -1;

	# Tables that a tool writes have lines of their own.
	return if substr($text, 0, 400) =~ /\bby tools\/.*do not edit/s;
	$files++;
	pop @lines if @lines && $lines[-1] eq '';
	bad($path, scalar @lines, 'more than ' . LINES . ' lines: split it') if @lines > LINES;
	bad($path, scalar @lines, 'no newline at the end') if $text ne '' && $text !~ /\n\z/;
	for my $i (0 .. $#lines) {
		my ($line, $code, $n) = ($lines[$i], $code[$i] // '', $i + 1);
		my $width = 0;

		for (split //, $line) {
			$width = $_ eq "\t" ? ($width | 7) + 1 : $width + 1;
		}
		bad($path, $n, 'longer than ' . COLUMNS . ' columns') if $width > COLUMNS;
		bad($path, $n, 'blanks at the end of the line') if $line =~ /[ \t]$/;
		bad($path, $n, 'indented with spaces') if $line =~ /^ {8}/ && $code =~ /[^\s\\]/;
		bad($path, $n, "$1 left in the text") if $line =~ /\b(TODO|FIXME|XXX)\b/;
		bad($path, $n, '// comment') if $code =~ m{//};
		bad($path, $n, "a struct is not typedef'd") if $code =~ /^\s*typedef\s+(?:struct|union)\b/;
		check_calls($path, $n, $code);
	}
}

my $floors = `${\($ENV{MAKE} || "make")} -s --no-print-directory print-floors`;
my @folders = $floors =~ /^(\w+):/mg;
@folders or die "check_style: make print-floors says nothing\n";
check_file($_) for sort split /\n/, `find @folders tests -name '*.[chyl]'`;
print "$files files\n";
exit($failed ? 1 : 0);

#!/usr/bin/perl
# Holds the includes to the floors of docs/architecture.md: a folder includes
# public headers of itself and of lower folders only, *_int.h stays at home,
# programs (cli/, main_*.c) may use every public header and are used by nobody,
# and each foreign library has one door.
use strict;
use warnings;

# Where a foreign header may be included: header pattern => path pattern.
my @doors = (
	[qr{^lmdb\.h$},       qr{^(?:index|tests/unit/index)/}],
	[qr{^librdkafka/},    qr{^(?:ingest/source_kafka\w*\.c|probe/sink_kafka\.c|export/\w*kafka\w*\.c|tests/kafka/.*)$}],
	[qr{^yajl/},          qr{^schemas/decode_yajl\.c$}],
	[qr{^cmocka\.h$},     qr{^tests/test\.h$}],
	[qr{^microhttpd\.h$}, qr{^ingest/metrics\.c$}],
);

my %may;    # folder => { folder => 1 }
for (split /\n/, `${\($ENV{MAKE} || "make")} -s --no-print-directory print-floors`) {
	my ($folder, $uses) = /^(\w+): (.*)$/ or next;
	$may{$folder} = { map { $_ => 1 } split ' ', $uses };
}
%may or die "check_floors: make print-floors says nothing\n";

my ($files, $failed) = (0, 0);

sub bad {
	my ($path, $line, $text) = @_;
	print "$path:$line: $text\n";
	$failed++;
}

sub check_own {
	my ($path, $line, $header) = @_;
	my ($dir) = $header =~ m{^(.*)/};
	my ($of) = $header =~ m{^(\w+)/};
	my $test = $path =~ m{^tests/};
	my ($folder) = $path =~ m{^(?:tests/unit/)?(\w+)/};
	# Fuzzers and stage timings look into the folders.
	my $inside = $path =~ m{^tests/(?:fuzz|bench)/};
	my $roof = $path =~ m{^\w+/(?:cli/|main_)} || ($test && !$may{$folder});

	if (!defined $of) {
		bad($path, $line, "\"$header\" is not a full path");
	} elsif ($of eq 'tests') {
		bad($path, $line, "includes \"$header\" of the tests") if !$test;
	} elsif (!$may{$of}) {
		bad($path, $line, "\"$header\" is of no folder that is known");
	} elsif ($header =~ m{/cli/} && !($path =~ m{^\w+/cli/} && $dir eq ($path =~ m{^(.*)/})[0])) {
		bad($path, $line, "includes \"$header\" of a program");
	} elsif ($header =~ /_int\.h$/ && !$inside && ($folder ne $of || $path =~ m{/cli/|/main_})) {
		bad($path, $line, "includes \"$header\", which is private to $of/");
	} elsif (!$roof && !$may{$folder}{$of}) {
		bad($path, $line, "$folder/ includes \"$header\", but does not stand above $of/");
	}
}

for my $path (split /\n/, `find @{[join ' ', sort keys %may]} tests -name '*.[chyl]'`) {
	open my $fh, '<', $path or die "$path: $!\n";
	$files++;
	while (my $text = <$fh>) {
		if ($text =~ /^\s*#\s*include\s*"([^"]+)"/) {
			check_own($path, $., $1);
		} elsif ($text =~ /^\s*#\s*include\s*<([^>]+)>/) {
			my $header = $1;
			for (@doors) {
				bad($path, $., "<$header> has another door")
					if $header =~ $_->[0] && $path !~ $_->[1];
			}
		}
	}
}
print "$files files\n";
exit($failed ? 1 : 0);

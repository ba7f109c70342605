#!/usr/bin/perl
# Writes schemas/unicode_table.c: the word classes of code points, the automaton
# that finds words, and the simple lower-case mapping.
#
#     perl tools/unicode/tables.pl > schemas/unicode_table.c
#
# The result is committed, because it is pinned: words stored in dictionaries
# and words of queries must be cut alike for ever.  Words are those of Lucene
# 9's StandardTokenizer, which are UAX #29 of Unicode 12.1 with sequences of
# emoji (UTS #51) and runs of Line_Break=SA kept together.  This perl knows
# Unicode 14; what has changed since 12.1 is undone below.  tests/words/ holds
# the judgement of the real tokenizer.
use strict;
use warnings;
use Unicode::UCD qw(prop_invmap);

die "perl with Unicode 14 is wanted\n"
	unless Unicode::UCD::UnicodeVersion() eq '14.0.0';

# --- classes -----------------------------------------------------------------

my @classes = qw(OTHER DOUBLE_QUOTE KEYCAP_BASE SINGLE_QUOTE MID_NUM
	MID_NUM_LET DIGIT MID_LETTER LETTER UNDERSCORE EMOJI EXTEND HEBREW
	NUMERIC COMPLEX COMPLEX_EXTEND ZWJ KEYCAP EMOJI_LETTER HAN KATAKANA
	HIRAGANA TEXT_STYLE EMOJI_STYLE REGIONAL EMOJI_MODIFIER TAG TAG_END);
my %class;
@class{@classes} = 0 .. $#classes;

my %single = (
	0x22 => 'DOUBLE_QUOTE', 0x23 => 'KEYCAP_BASE', 0x2a => 'KEYCAP_BASE',
	0x27 => 'SINGLE_QUOTE', 0x200d => 'ZWJ', 0x20e3 => 'KEYCAP',
	0xfe0e => 'TEXT_STYLE', 0xfe0f => 'EMOJI_STYLE', 0xe007f => 'TAG_END',
);

# Letters and the like only since Unicode 13.
my %later = map { $_ => 1 } (0x2e5 .. 0x2e9, 0x2ea, 0x2eb, 0x55a, 0x55f, 0x58a,
	0xa708 .. 0xa716, 0x16fe2);

sub in { my ($cp, $lo, $hi) = @_; return $cp >= $lo && $cp <= $hi; }

sub is_emoji
{
	my ($cp, $c) = @_;

	# Reserved for emoji until Unicode 13.
	return 1 if in($cp, 0x1fb00, 0x1fbff);
	return 1 if $c =~ /\p{ExtPict}/;
	return $c =~ /\p{Emoji}/ && $cp > 0x7f;
}

sub class_of
{
	my ($cp) = @_;
	my $c = chr $cp;

	return $single{$cp} if $single{$cp};
	return 'DIGIT' if in($cp, 0x30, 0x39);
	return 'TAG' if in($cp, 0xe0020, 0xe007e);
	return 'REGIONAL' if in($cp, 0x1f1e6, 0x1f1ff);
	return 'EMOJI_MODIFIER' if in($cp, 0x1f3fb, 0x1f3ff);
	return 'OTHER' if $later{$cp};
	return is_emoji($cp, $c) ? 'EMOJI' : 'OTHER'
		unless $c =~ /\p{Present_In: 12.1}/;
	return 'MID_NUM' if $c =~ /\p{WB=MN}/;
	return 'MID_NUM_LET' if $c =~ /\p{WB=MB}/;
	return 'MID_LETTER' if $c =~ /\p{WB=ML}/;
	return 'UNDERSCORE' if $c =~ /\p{WB=EX}/;
	return $c =~ /[\p{WB=Extend}\p{WB=FO}]/ ? 'COMPLEX_EXTEND' : 'COMPLEX'
		if $c =~ /\p{LB=SA}/;
	return 'HEBREW' if $c =~ /\p{WB=HL}/;
	return 'NUMERIC' if $c =~ /\p{WB=NU}/ || in($cp, 0xff10, 0xff19);
	return 'KATAKANA' if $c =~ /\p{WB=KA}/;
	return is_emoji($cp, $c) ? 'EMOJI_LETTER' : 'LETTER'
		if $c =~ /\p{WB=LE}/;
	return 'HAN' if $c =~ /\p{Script=Han}/;
	return 'HIRAGANA' if $c =~ /\p{Script=Hiragana}/;
	return 'EMOJI' if is_emoji($cp, $c);
	return 'EXTEND' if $c =~ /[\p{WB=Extend}\p{WB=FO}]/;
	return 'OTHER';
}

my @class_of = map { in($_, 0xd800, 0xdfff) ? 0 : $class{class_of($_)} }
	0 .. 0x10ffff;

# --- the automaton -----------------------------------------------------------

# Regular expressions over classes, as functions that add to an NFA (after K.
# Thompson) from one state and return the last.
my (@nfa, @eps);
sub state_new { push @nfa, {}; push @eps, []; return $#nfa; }
sub one
{
	my @of = map { $class{$_} // die $_ } @_;
	return sub {
		my ($from) = @_;
		my $to = state_new();
		push @{ $nfa[$from]{$_} }, $to for @of;
		return $to;
	};
}
sub all
{
	my @parts = @_;
	return sub { my ($s) = @_; $s = $_->($s) for @parts; return $s; };
}
sub any
{
	my @parts = @_;
	return sub {
		my ($from) = @_;
		my $to = state_new();
		for my $part (@parts) {
			my $start = state_new();
			push @{ $eps[$from] }, $start;
			push @{ $eps[$part->($start)] }, $to;
		}
		return $to;
	};
}
sub many
{
	my ($part) = @_;
	return sub {
		my ($from) = @_;
		my $loop = state_new();
		push @{ $eps[$from] }, $loop;
		push @{ $eps[$part->($loop)] }, $loop;
		my $to = state_new();
		push @{ $eps[$loop] }, $to;
		return $to;
	};
}
sub more { my ($part) = @_; return all($part, many($part)); }
sub maybe { my ($part) = @_; return any($part, all()); }

my @extend = qw(EXTEND COMPLEX_EXTEND ZWJ KEYCAP EMOJI_MODIFIER TAG TAG_END);
# WB4: X (Extend | Format | ZWJ)* is X; emoji styles count apart in emoji.
my $ext = many(one(@extend, qw(TEXT_STYLE EMOJI_STYLE)));
my $ext_plain = many(one(@extend));
sub with_ext { return all(one(@_), $ext); }

my $letter = with_ext(qw(LETTER EMOJI_LETTER HEBREW));
my $number = with_ext(qw(DIGIT NUMERIC));
my $katakana = with_ext('KATAKANA');
my $hebrew = with_ext('HEBREW');
my $single_quote = with_ext('SINGLE_QUOTE');
my $double_quote = with_ext('DOUBLE_QUOTE');
my $joins_letters = with_ext(qw(MID_LETTER MID_NUM_LET SINGLE_QUOTE));
my $joins_digits = with_ext(qw(MID_NUM MID_NUM_LET SINGLE_QUOTE));
my $underscores = many(with_ext('UNDERSCORE'));

my $numbers = all($number,
	many(all(any($underscores, $joins_digits), $number)));
my $letters = all($letter,
	many(all(any($underscores, $joins_letters), $letter)));
my $run = any(
	all($katakana, many(all($underscores, $katakana))),
	more(any(
		all($hebrew, any($single_quote, all($double_quote, $hebrew))),
		$numbers, $letters)));
my $word = all($underscores, $run,
	many(all(more(with_ext('UNDERSCORE')), $run)), $underscores);

my $emoji_char = all(one(qw(EMOJI EMOJI_LETTER)), $ext_plain);
my $emoji_modifier = all(one('EMOJI_MODIFIER'), $ext_plain);
my $emoji = any(
	all(many(one('ZWJ')), $emoji_char, maybe(one('EMOJI_STYLE'))),
	all(maybe(all(many(one('ZWJ')), $emoji_char)), $emoji_modifier));
my $emoji_sequence = any(
	all($emoji, any(many(all(one('ZWJ'), $emoji)),
			all(more(one('TAG')), one('TAG_END')))),
	all(one(qw(DIGIT KEYCAP_BASE)), $ext_plain, maybe(one('EMOJI_STYLE')),
	    one('KEYCAP'), $ext_plain),
	all(with_ext('REGIONAL'), with_ext('REGIONAL')));

my $grammar = any($emoji_sequence, $word,
	more(with_ext(qw(COMPLEX COMPLEX_EXTEND))), with_ext('HAN'),
	with_ext('HIRAGANA'));

my $start = state_new();
my $accept = $grammar->($start);

sub closure
{
	my %seen;
	my @todo = @_;
	while (defined(my $s = pop @todo)) {
		next if $seen{$s}++;
		push @todo, @{ $eps[$s] };
	}
	return sort { $a <=> $b } keys %seen;
}

# Subsets; state 0 is the dead one, 1 the start.
my (@dfa, @accepts, %id);
my @todo;
sub dfa_state
{
	my @set = closure(@_);
	return 0 unless @set;
	my $key = join ',', @set;
	unless ($id{$key}) {
		push @dfa, [];
		push @accepts, scalar grep { $_ == $accept } @set;
		$id{$key} = $#dfa;
		push @todo, [ $#dfa, @set ];
	}
	return $id{$key};
}
push @dfa, [ (0) x @classes ];
push @accepts, 0;
dfa_state($start);
while (my $item = shift @todo) {
	my ($at, @set) = @$item;
	for my $c (0 .. $#classes) {
		my %to;
		$to{$_} = 1 for map { @{ $nfa[$_]{$c} // [] } } @set;
		$dfa[$at][$c] = dfa_state(keys %to);
	}
}

# Fewest states (E. F. Moore): split until no class of states is told apart.
my @part = map { $_ ? 1 : 0 } @accepts;
while (1) {
	my (%sig, @next);
	for my $s (0 .. $#dfa) {
		my $sig = join ',', $part[$s], map { $part[$_] } @{ $dfa[$s] };
		my $new = scalar keys %sig;
		$sig{$sig} = $new unless defined $sig{$sig};
		$next[$s] = $sig{$sig};
	}
	my $same = keys(%sig) == keys %{ { map { $_ => 1 } @part } };
	@part = @next;
	last if $same;
}
my (@min, @min_accepts);
for my $s (0 .. $#dfa) {
	$min[$part[$s]] //= [ map { $part[$_] } @{ $dfa[$s] } ];
	$min_accepts[$part[$s]] = $accepts[$s];
}
die 'the dead state is not 0, the start not 1'
	unless $part[0] == 0 && $part[1] == 1;

# --- the simple lower-case mapping -------------------------------------------

my ($list, $map, $format, $default) = prop_invmap('Simple_Lowercase_Mapping');
my @lower;
for my $i (0 .. $#$list) {
	last if $list->[$i] > 0x10ffff;
	next unless $map->[$i];
	my $end = $i < $#$list ? $list->[$i + 1] - 1 : 0x10ffff;
	for my $cp ($list->[$i] .. $end) {
		# Adjusted: the mapping counts up with the code point.
		$lower[$cp] = $map->[$i] + $cp - $list->[$i];
	}
}
my %delta = (0 => 0);
my @deltas = (0);
my @delta_of;
for my $cp (0 .. 0x10ffff) {
	my $d = defined $lower[$cp] ? $lower[$cp] - $cp : 0;
	unless (defined $delta{$d}) {
		$delta{$d} = @deltas;
		push @deltas, $d;
	}
	$delta_of[$cp] = $delta{$d};
}
die 'too many distances' if @deltas > 255;

# --- writing -----------------------------------------------------------------

sub row
{
	my @v = @_;
	my $out = '';
	while (my @line = splice @v, 0, 16) {
		$out .= "\t" . join(' ', map { "$_," } @line) . "\n";
	}
	return $out;
}

# A byte a code point, in blocks that many code points share.
sub two_stage
{
	my ($name, $shift, @v) = @_;
	my (%block, @blocks, @index);
	my $size = 1 << $shift;

	pop @v while @v && $v[-1] == 0;
	push @v, 0 while @v % $size;
	for (my $i = 0; $i < @v; $i += $size) {
		my $key = join ',', @v[$i .. $i + $size - 1];
		unless (defined $block{$key}) {
			$block{$key} = scalar keys %block;
			push @blocks, @v[$i .. $i + $size - 1];
		}
		push @index, $block{$key};
	}
	die "$name: too many blocks" if keys(%block) > 256;
	printf "const uint32_t unicode_%s_limit = 0x%x;\n\n", $name, scalar @v;
	printf "const uint8_t unicode_%s_index[] = {\n%s};\n\n", $name, row(@index);
	printf "const uint8_t unicode_%s_blocks[] = {\n%s};\n\n", $name,
		row(@blocks);
}

print <<'HEAD';
/*
 * schemas/unicode_table.c - pinned data of words and lower case.
 *
 * Written by tools/unicode/tables.pl, which says how; do not edit.
 */
#include "schemas/unicode_int.h"

HEAD
two_stage('class', 7, @class_of);
two_stage('lower', 6, @delta_of);
printf "const int32_t unicode_lower_delta[] = {\n%s};\n\n", row(@deltas);
printf "const uint8_t unicode_word_accepts[] = {\n%s};\n\n", row(@min_accepts);
print "const uint8_t unicode_word_next[][WORD_CLASSES] = {\n";
print "\t{ ", join(', ', @$_), " },\n" for @min;
print "};\n";
printf STDERR "%d classes, %d states, %d distances\n", scalar @classes,
	scalar @min, scalar @deltas;

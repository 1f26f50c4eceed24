using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Sessions.Domain.Tests.Text;

public sealed class PlainTextTests
{
    [Theory]
    [InlineData("", true, "nothing")]
    [InlineData("Grüße 1", true, "letters, a blank, a digit")]
    [InlineData(@"a\uD83D\uDE00b\uD83D\uDE00", true, "whole pairs")]
    [InlineData(@"a\u0000", false, "a NUL")]
    [InlineData(@"\u000Aa", false, "a line break")]
    [InlineData(@"\uD83D\uDE00\u0007", false, "a bell after a pair")]
    [InlineData(@"a\u0085", false, "a control character beyond ASCII")]
    [InlineData(@"a\uD83D", false, "half a pair at the end")]
    [InlineData(@"\uD83Da", false, "the first half and a letter")]
    [InlineData(@"\uDE00", false, "the second half alone")]
    [InlineData(@"\uDE00\uD83D\uDE00", false, "the second half before a pair")]
    public void Plain_text_has_no_control_character_and_no_half_of_a_pair(string escaped, bool isPlain, string because) =>
        // A row of a table can't hold half a pair.
        Assert.True(isPlain == PlainText.IsPlain(Regex.Unescape(escaped)), because);

    [Theory]
    [InlineData("Grüße", "Grüße", "nothing to do")]
    [InlineData(@"a\u0000b", @"a\uFFFDb", "a NUL")]
    [InlineData(@"a\uD83D", @"a\uFFFD", "half a pair")]
    [InlineData(@"\uDE00b", @"\uFFFDb", "the other half")]
    [InlineData(@"\uD83D\uDE00", @"\uD83D\uDE00", "a whole pair")]
    [InlineData(@"\uD83D\uDE00\u0000", @"\uD83D\uDE00\uFFFD", "a whole pair and a NUL")]
    [InlineData(@"a\u000A", @"a\u000A", "a line break is stored")]
    public void Characters_that_Postgres_cannot_store_are_replaced(string escaped, string stored, string because) =>
        Assert.True(Regex.Unescape(stored) == PlainText.Storable(Regex.Unescape(escaped)), because);

    [Theory]
    [InlineData(0)]
    [InlineData(512)] // the longest without a copy
    [InlineData(513)]
    [InlineData(5_000)]
    public void The_hash_of_a_text_is_the_hash_of_its_UTF_8_bytes(int length)
    {
        string text = new('ä', length / 2);
        text = length % 2 == 0 ? text : text + "a";
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];

        TextHash.Of(text, hash);

        Assert.Equal(SHA256.HashData(Encoding.UTF8.GetBytes(text)), hash.ToArray());
    }

    [Fact]
    public void A_missing_table_or_a_wrong_column_count_is_an_error_with_file_and_line()
    {
        Assert.Equal(
            "none.tsv is not embedded in the assembly.",
            Assert.Throws<InvalidDataException>(() => DomainTables.Read("none.tsv", 2).ToArray()).Message);
        Assert.Matches(
            @"^bots\.tsv, line [1-9]\d*: 2 columns instead of 3\.$",
            Assert.Throws<InvalidDataException>(() => DomainTables.Read("bots.tsv", 3).ToArray()).Message);
    }

    [Fact]
    public void A_table_has_no_comments_and_no_blank_lines() =>
        Assert.All(DomainTables.Read("bots.tsv", 2), row => Assert.False(row[0].Length == 0 || row[0].StartsWith('#')));
}

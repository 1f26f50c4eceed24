using CsCheck;

namespace Sessions.Domain.Tests.Text;

public sealed class SimilarNameTests
{
    [Theory]
    [InlineData("country device_type os", "country", "country", "the name itself")]
    [InlineData("country device_type os", "contry", "country", "a character is missing")]
    [InlineData("country device_type os", "countryy", "country", "one too many")]
    [InlineData("country device_type os", "coumtry", "country", "another")]
    [InlineData("country device_type os", "coumtri", "country", "two others")]
    [InlineData("country device_type os", "coumdri", null, "three are too many")]
    [InlineData("country device_type os", "DeviceType", "device_type", "another spelling")]
    [InlineData("country device_type os", "device-type", "device_type", "and one more")]
    [InlineData("country device_type os", "device", "device_type", "a part")]
    [InlineData("country device_type os", "ice", "device_type", "the shortest part")]
    [InlineData("country device_type os", "ry", null, "shorter than a part")]
    [InlineData("country device_type os", "o", "os", "one slip in a name of two")]
    [InlineData("country device_type os", "ab", null, "two slips in a name of two")]
    [InlineData("country device_type os", "", null, "nothing")]
    [InlineData("from to", "fro", "from", "one slip")]
    [InlineData("abcd wxyz", "abxy", "abcd", "of equals the first")]
    [InlineData("abcd abce", "abce", "abce", "the closest, though another is near")]
    [InlineData("utm_source utm_medium", "source", "utm_source", "a part of a longer one")]
    [InlineData("", "country", null, "none is known")]
    public void The_known_name_that_is_most_similar_is_suggested(
        string known, string name, string? meant, string because) =>
        Assert.True(
            meant == SimilarName.Among(known.Split(' ', StringSplitOptions.RemoveEmptyEntries), name),
            $"{because}: {SimilarName.Among(known.Split(' ', StringSplitOptions.RemoveEmptyEntries), name)}");

    [Fact]
    public void A_name_with_at_most_two_typing_errors_is_found() =>
        Gen.Select(Gen.String[Gen.Char['a', 'd'], 4, 6], Gen.String[Gen.Char['a', 'd'], 1, 6]).Sample(
            (known, name) => (SimilarName.Among([known], name) is not null)
                == (Distance(known, name) <= 2 || (name.Length >= 3 && known.Contains(name, StringComparison.Ordinal))),
            iter: Laws.Cases);

    // As slow and as plain as it is defined.
    private static int Distance(ReadOnlySpan<char> one, ReadOnlySpan<char> other) =>
        one.IsEmpty || other.IsEmpty
            ? one.Length + other.Length
            : Math.Min(
                Distance(one[1..], other[1..]) + (one[0] == other[0] ? 0 : 1),
                1 + Math.Min(Distance(one[1..], other), Distance(one, other[1..])));
}

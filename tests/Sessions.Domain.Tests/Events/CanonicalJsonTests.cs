using System.Buffers;
using System.Text;
using System.Text.Json;
using Sessions.Domain.Events;

namespace Sessions.Domain.Tests.Events;

/// <summary>
/// Canonical JSON is hashed, and the hashes are compared with those of older builds, so the bytes must never change.
/// </summary>
public sealed class CanonicalJsonTests
{
    // A member's own value is the second level of 1,000.
    private const int DeepestLevels = 999;

    [Theory]
    [InlineData("{}", "", "nothing")]
    [InlineData("""{"b":true,"a":false,"c":null}""", "\"1\"a:false,\"1\"b:true,\"1\"c:null,", "members by name")]
    [InlineData("""{"a":1,"a":2}""", "\"1\"a:2e0,", "the last of one name")]
    [InlineData("""{"B":1,"a":2}""", "\"1\"B:1e0,\"1\"a:2e0,", "by code and not by language")]
    [InlineData("""{"a":"xy"}""", "\"1\"a:\"2\"xy,", "a text with its length")]
    [InlineData("""{"a":"\u0078\n"}""", "\"1\"a:\"2\"x\n,", "without escapes")]
    [InlineData("""{"\u00e9":"é"}""", "\"2\"é:\"2\"é,", "the length in bytes")]
    [InlineData("""{"a":""}""", "\"1\"a:\"0\",", "an empty text")]
    [InlineData("""{"a":[1, "b", []]}""", "\"1\"a:[1e0,\"1\"b,[],],", "a list")]
    [InlineData("""{"a":{"c": {}, "b":1}}""", "\"1\"a:{\"1\"b:1e0,\"1\"c:{},},", "an object")]
    public void Members_are_written_in_canonical_form(string json, string expected, string because) =>
        Assert.True(expected == Write(json), $"{because}: {Write(json)}");

    [Theory]
    [InlineData("0", "0", "zero")]
    [InlineData("-0.00e7", "0", "has one spelling")]
    [InlineData("100", "1e2", "zeros at the end are a power of ten")]
    [InlineData("0.0100", "1e-2", "zeros on both sides")]
    [InlineData("-12.50", "-125e-1", "a negative number")]
    [InlineData("12.5E+1", "125e0", "a large E with a sign")]
    [InlineData("1e-7", "1e-7", "a negative power")]
    [InlineData("1020e1", "102e2", "zeros inside stay")]
    [InlineData("1e100000000", "1e100000000", "the longest exponent that is read")]
    [InlineData("10e0099999999", "1e100000000", "zeros before it count for nothing")]
    [InlineData("1.0e1000000000", "1.0e1000000000", "a longer one stays as it is")]
    public void Numbers_are_written_in_canonical_form(string json, string expected, string because) =>
        Assert.True($"\"1\"a:{expected}," == Write($$"""{"a":{{json}}}"""), $"{because}: {Write($$"""{"a":{{json}}}""")}");

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{\"a\":", "}")]
    public void A_value_that_is_nested_too_deeply_is_written_unchanged(string open, string close)
    {
        Assert.Contains("1e0", Nested(DeepestLevels), StringComparison.Ordinal);
        Assert.DoesNotContain("1.0", Nested(DeepestLevels), StringComparison.Ordinal);
        Assert.Contains($"{open}1.0{close}", Nested(DeepestLevels + 1), StringComparison.Ordinal);

        string Nested(int levels) =>
            Write($$"""{"a":{{string.Concat(Enumerable.Repeat(open, levels))}}1.0{{string.Concat(Enumerable.Repeat(close, levels))}}}""");
    }

    [Fact]
    public void An_excluded_member_is_left_out_at_the_top_level_only() =>
        Assert.Equal("\"1\"a:{\"1\"x:1e0,},", Write("""{"x":1,"a":{"x":1}}""", member => member.Name == "x"));

    private static string Write(string json, Func<JsonProperty, bool>? isLeftOut = null)
    {
        var target = new ArrayBufferWriter<byte>();
        using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 10_000 });
        CanonicalJson.WriteMembers(document.RootElement, isLeftOut ?? (_ => false), target);
        return Encoding.UTF8.GetString(target.WrittenSpan);
    }
}

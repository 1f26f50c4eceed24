using System.Text;
using Sessions.Domain.Events;

namespace Sessions.Domain.Tests.Events;

public sealed class SharedTextTests
{
    [Theory]
    [InlineData(0, true, "an empty text")]
    [InlineData(1, true, "a short one")]
    [InlineData(8, true, "one of eight bytes")]
    [InlineData(100, true, "a page's URL")]
    [InlineData(256, true, "the longest that is remembered")]
    [InlineData(257, false, "a longer one")]
    public void A_remembered_text_is_found_unless_it_is_too_long(int length, bool isFound, string because)
    {
        string text = new('q', length);
        byte[] utf8 = Encoding.UTF8.GetBytes(text);

        // Another test may take the text's place in between.
        Assert.True(isFound == Enumerable.Range(0, 5).Any(_ => IsFoundAgain()), because);

        bool IsFoundAgain()
        {
            SharedText.Find(utf8, out int place);
            SharedText.Remember(text, place);
            return ReferenceEquals(text, SharedText.Find(utf8, out _));
        }
    }

    [Fact]
    public void A_text_that_is_not_ASCII_is_never_shared()
    {
        byte[] utf8 = "größe"u8.ToArray();
        SharedText.Find(utf8, out int place);
        SharedText.Remember("größe", place);

        Assert.Null(SharedText.Find(utf8, out _));
    }

    [Fact]
    public void Texts_are_spread_evenly_over_all_slots()
    {
        var places = new int[4_096];
        for (int i = 0; i < 40_000; i++)
        {
            SharedText.Find(Encoding.UTF8.GetBytes($"https://example.org/page-{i}"), out int place);
            places[place]++;
        }

        // Of 4,096 places that are taken by chance, each is expected to have ten.
        Assert.All(places, count => Assert.InRange(count, 0, 40));
        Assert.InRange(places.Count(count => count == 0), 0, 10);
    }

    [Fact]
    public void A_text_that_hashes_to_the_first_slot_is_found()
    {
        string first = Enumerable.Range(0, 1_000_000).Select(i => $"first-{i}").First(text =>
        {
            SharedText.Find(Encoding.UTF8.GetBytes(text), out int place);
            return place == 0;
        });
        Assert.Contains(Enumerable.Range(0, 5), _ =>
        {
            SharedText.Remember(first, 0);
            return ReferenceEquals(first, SharedText.Find(Encoding.UTF8.GetBytes(first), out int _));
        });
    }
}

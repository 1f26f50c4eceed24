
namespace Sessions.Domain.Tests.Folding;

/// <summary>
/// Whose a session is: of its latest id. An id that names nobody says nothing about that, so any other is preferred,
/// whatever came first; else all visitors whose application says <c>null</c> would be one.
/// </summary>
public sealed class WhoseSessionTests
{
    [Theory]
    [InlineData("anon null", "anon")]
    [InlineData("null anon", "anon")]
    [InlineData("anon null ann", "ann")]
    [InlineData("anon ann undefined", "ann")]
    [InlineData("null undefined", "undefined")]
    [InlineData("null", "null")]
    [InlineData("Anonymous anon GUEST null", "anon")]
    public void Is_the_latest_ids_that_names_somebody(string ids, string owner)
    {
        Happened[] events = [.. ids.Split(' ').Select((id, second) => new Happened("looked", second) { DistinctId = id })];

        Assert.Equal(owner, Folded.View(events).DistinctId);
        Assert.Equal(owner, Folded.View([.. events.Reverse()]).DistinctId);
    }

    [Fact]
    public void Nobody_is_no_identified_person()
    {
        Happened identified = new("$identify", 1) { DistinctId = "null" };

        Assert.Null(Folded.Of(identified).IdentifiedAs);
        Assert.Equal("ann", Folded.Of(identified, new Happened("$identify", 2) { DistinctId = "ann" }).IdentifiedAs!.Value);
    }

    [Theory]
    [InlineData("ann", "anon", true)]
    [InlineData("null", "anon", false)]
    [InlineData("ann", "anonymous", false)]
    public void It_is_handed_over_where_both_ids_name_somebody(string person, string anonymous, bool isHandedOver)
    {
        JournalEntry entry = new Happened("$identify", 1) { DistinctId = person, DeviceId = null }.ToEntry(1) with { Device = anonymous };

        Assert.Equal(isHandedOver, SessionFold.HandsOver(entry));
    }
}

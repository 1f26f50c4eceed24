using Sessions.Domain.Folding;


namespace Sessions.Domain.Tests.Folding;

/// <summary>
/// A session belongs to its latest id. A placeholder id, such as <c>null</c>, names no person, so any other id is
/// preferred: otherwise all visitors of an application that sends <c>null</c> would be one person.
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
    public void A_session_belongs_to_its_latest_id_that_names_a_person(string ids, string owner)
    {
        Happened[] events = [.. ids.Split(' ').Select((id, second) => new Happened("looked", second) { DistinctId = id })];

        Assert.Equal(owner, Folded.View(events).DistinctId);
        Assert.Equal(owner, Folded.View([.. events.Reverse()]).DistinctId);
    }

    [Fact]
    public void An_identify_with_a_placeholder_id_does_not_identify_the_session()
    {
        Happened identified = new("$identify", 1) { DistinctId = "null" };

        Assert.Null(Folded.Of(identified).IdentifiedAs);
        Assert.Equal("ann", Folded.Of(identified, new Happened("$identify", 2) { DistinctId = "ann" }).IdentifiedAs!.Value);
    }

    [Theory]
    [InlineData("ann", "anon", true)]
    [InlineData("null", "anon", false)]
    [InlineData("ann", "anonymous", false)]
    public void A_session_is_handed_over_only_when_both_ids_name_a_person(
        string person, string anonymous, bool isHandedOver)
    {
        JournalEntry entry = new Happened("$identify", 1) { DistinctId = person, DeviceId = null }.ToEntry(1) with { Device = anonymous };

        Assert.Equal(isHandedOver, SessionFold.HandsOver(entry));
    }
}

using System.Text.RegularExpressions;
using Sessions.Domain.Events;

namespace Sessions.Domain.Tests.Events;

public sealed class EventValidationTests
{
    private static readonly SessionEvent Good = new()
    {
        Id = Guid.Parse("01980000-0000-7000-8000-000000000001"),
        Name = "click",
        DistinctId = "ann",
        DeviceId = "d",
        WindowId = "w",
    };

    [Fact]
    public void An_event_with_a_name_a_person_and_an_id_is_valid()
    {
        Assert.Null(EventValidation.Check(Good));
        Assert.Null(EventValidation.Check(Good with { DeviceId = null, WindowId = null }));
    }

    [Theory]
    [InlineData("", DropReason.MissingEventName, "no name")]
    [InlineData(null, DropReason.MissingEventName, "null")]
    [InlineData("200", null, "the longest")]
    [InlineData("201", DropReason.MissingEventName, "one longer")]
    public void An_event_name_must_have_1_to_200_characters(string? name, string? reason, string because) =>
        Assert.True(reason == EventValidation.Check(Good with { Name = Text(name)! }), because);

    [Theory]
    [InlineData("", DropReason.MissingDistinctId, "no id")]
    [InlineData(null, DropReason.MissingDistinctId, "null")]
    [InlineData("200", null, "the longest")]
    [InlineData("201", DropReason.MissingDistinctId, "one longer")]
    public void A_distinct_id_must_have_1_to_200_characters(string? id, string? reason, string because) =>
        Assert.True(reason == EventValidation.Check(Good with { DistinctId = Text(id)! }), because);

    [Fact]
    public void An_empty_uuid_is_invalid() =>
        Assert.Equal(DropReason.InvalidUuid, EventValidation.Check(Good with { Id = Guid.Empty }));

    [Theory]
    [InlineData("a", true, "letters")]
    [InlineData("grün", true, "letters beyond ASCII")]
    [InlineData(@"a\uD83D\uDE00b\uD83D\uDE00", true, "whole pairs")]
    [InlineData(@"\uD83D\uDE00", true, "a pair alone")]
    [InlineData(@"\u0000", false, "a NUL alone")]
    [InlineData(@"ab\u0000", false, "a NUL at the end")]
    [InlineData(@"\uD83D\uDE00\u0000", false, "a NUL after a pair")]
    [InlineData(@"a\uD83D", false, "half a pair at the end")]
    [InlineData(@"\uD83Da", false, "the first half and a letter")]
    [InlineData(@"\uD83D\uD83D\uDE00", false, "the first half before a pair")]
    [InlineData(@"\uDE00", false, "the second half alone")]
    [InlineData(@"a\uDE00\uD83Db", false, "both halves the wrong way round")]
    [InlineData(@"\uD83D\uDE00\uD83D", false, "half a pair after a whole one")]
    public void Names_and_ids_that_are_not_valid_text_are_refused(string escaped, bool isText, string because)
    {
        // A row of a table can't hold half a pair.
        string text = Regex.Unescape(escaped);
        string? reason = isText ? null : DropReason.InvalidText;

        Assert.True(reason == EventValidation.Check(Good with { Name = text }), because);
        Assert.True(reason == EventValidation.Check(Good with { DistinctId = text }), because);
        Assert.True(reason == EventValidation.Check(Good with { DeviceId = text }), because);
        Assert.True(reason == EventValidation.Check(Good with { WindowId = text }), because);
    }

    private static string? Text(string? length) => int.TryParse(length, out int count) ? new string('x', count) : length;
}

using Sessions.Domain.Folding;


namespace Sessions.Domain.Tests.Folding;

/// <summary>Which device owns a session. Only the owner may end it.</summary>
public sealed class OwnerTests
{
    private static readonly Happened Backend = new("paid", 0) { DistinctId = "backend", DeviceId = null };
    private static readonly Happened Browser = new("$pageview", 1) { DistinctId = "ann", DeviceId = "browser" };
    private static readonly Happened Tablet = new("$pageview", 2) { DistinctId = "ann", DeviceId = "tablet" };

    [Fact]
    public void The_device_that_opens_a_session_owns_it()
    {
        Assert.Equal(("backend", false), OwnerOf(Backend));
        Assert.Equal(("browser", true), OwnerOf(Browser));
    }

    [Fact]
    public void A_browser_takes_over_a_session_that_a_backend_opened() =>
        Assert.Equal(("browser", true), OwnerOf(Backend, Browser));

    [Fact]
    public void A_backend_does_not_take_over_a_browsers_session() =>
        Assert.Equal(("browser", true), OwnerOf(Browser, Backend));

    [Fact]
    public void Another_browser_does_not_take_over_a_browsers_session() =>
        Assert.Equal(("browser", true), OwnerOf(Backend, Browser, Tablet));

    [Fact]
    public void A_session_with_replay_only_is_taken_over_by_the_first_device_that_sends_an_event()
    {
        Happened recorded = new("$snapshot", 0) { DistinctId = "ann", DeviceId = null, IsReplay = true };
        Happened recordedAsAnother = recorded with { Id = Guid.NewGuid(), DistinctId = "anonymous" };

        Assert.Equal((("ann", false), Claim.Recorded), (OwnerOf(recorded, recordedAsAnother), Folded.Of(recorded).Claim));
        Assert.Equal((("backend", false), Claim.Named), (OwnerOf(recorded, Backend), Folded.Of(recorded, Backend).Claim));
        Assert.Equal((("browser", true), Claim.Client), (OwnerOf(recorded, Browser), Folded.Of(recorded, Browser).Claim));
        Assert.Equal(("backend", false), OwnerOf(Backend, recorded));
        Assert.Equal(("browser", true), OwnerOf(Browser, recorded));
        Assert.Equal(("tablet", true), OwnerOf(recorded, Backend, recordedAsAnother, Tablet));
    }

    [Theory]
    [InlineData(true, true, "an event that names it makes it the client's")]
    [InlineData(false, false, "events that the server placed do not")]
    public void A_session_becomes_client_made_when_an_event_names_it(bool named, bool clientMade, string because) =>
        Assert.True(clientMade == Folded.Of(Browser with { Named = false }, Tablet with { Named = named }).ClientMade, because);

    private static (string Owner, bool IsClient) OwnerOf(params Happened[] events)
    {
        SessionState state = Folded.Of(events);
        return (state.Owner, state.OwnerIsClient);
    }
}

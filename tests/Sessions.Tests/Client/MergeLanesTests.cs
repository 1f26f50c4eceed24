
namespace Sessions.Tests.Client;

/// <summary>
/// The first merge to arrive counts. So merge events of the same people keep their order within a request even when
/// they are of different devices. All other events are sent in parallel.
/// </summary>
public sealed class MergeLanesTests
{
    [Theory]
    [InlineData("a>ann", "", "one depends on nothing")]
    [InlineData("a>ann b>ben", "", "of different people")]
    [InlineData("a>ann ann>mallory", "a ann", "of one person")]
    [InlineData("a>ann b>ben ann>ben", "a b ann", "through others of the request")]
    [InlineData("a>ann c>cid ann>b d>dan cid>e", "a ann | c cid", "of two persons")]
    [InlineData("a>ann b>ann", "a b", "also as the same person")]
    public void Devices_whose_merges_concern_the_same_person_share_a_lane(string said, string lanes, string because)
    {
        Merge[] merges = [.. said.Split(' ').Select((one, index) => one.Split('>') is [var other, var id]
            ? new Merge(index, UserDeviceKey.Create("shop", other), null, id, other)
            : throw new FormatException(one))];

        MergeLanes? made = MergeLanes.Of(merges);

        string shown = string.Join(" | ", merges
            .Select(merge => merge.Device)
            .Where(device => made?.LaneOf(device) is not null)
            .GroupBy(device => made!.LaneOf(device))
            .OrderBy(lane => lane.Key)
            .Select(lane => string.Join(' ', lane.Select(device => device.Device))));
        Assert.True(lanes == shown, $"{because}: {shown}");
        Assert.All(merges, merge => Assert.Equal(made?.LaneOf(merge.Device) is not null, made?.IsOrdered(merge.Index) ?? false));
    }

    [Theory]
    [InlineData("0198f3a0-0000-7000-8000-000000000001", "0198f3a0-0000-7000-8000-000000000001", false)]
    [InlineData("0198f3a0-0000-7000-8000-000000000001", "0198f3a0-0000-7000-8000-000000000002", true)]
    [InlineData(null, null, true)]
    public void A_single_device_needs_a_lane_only_when_its_events_may_belong_to_several_sessions(
        string? first, string? second, bool needsLane)
    {
        var device = UserDeviceKey.Create("shop", "ann", "browser");

        MergeLanes? made = MergeLanes.Of([new(0, device, first, "ann", "anon"), new(1, device, second, "ann", "crm-1")]);

        Assert.Equal(needsLane, made is not null);
    }
}

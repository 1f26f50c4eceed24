namespace Sessions.Tests.Abstractions;

/// <summary>
/// Who is whom is decided by what arrived first, so events of one request that say it of the same people keep their order
/// though they are of different devices. All others go side by side.
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
    public void Devices_in_a_lane(string said, string lanes, string because)
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
    public void One_device_needs_a_lane_only_when_its_events_may_be_of_several_sessions(string? first, string? second, bool needsLane)
    {
        var device = UserDeviceKey.Create("shop", "ann", "browser");

        MergeLanes? made = MergeLanes.Of([new(0, device, first, "ann", "anon"), new(1, device, second, "ann", "crm-1")]);

        Assert.Equal(needsLane, made is not null);
    }
}

using Sessions.Domain.Storage;

namespace Sessions.Domain.Tests.Storage;

/// <summary>Recordings go first and events last, and a disk at a watermark does not change its level all the time.</summary>
public sealed class DiskWatermarksTests
{
    private static readonly DiskWatermarks Marks = new(Recordings: 0.15, Events: 0.05);

    [Theory]
    [InlineData(1000, DiskLevel.Enough)]
    [InlineData(150, DiskLevel.Enough)]
    [InlineData(149, DiskLevel.Low)]
    [InlineData(50, DiskLevel.Low)]
    [InlineData(49, DiskLevel.Full)]
    [InlineData(0, DiskLevel.Full)]
    public void The_level_follows_from_the_free_share(long free, DiskLevel level) =>
        Assert.Equal(level, Marks.Next(DiskLevel.Enough, free, 1000));

    [Theory]
    [InlineData(DiskLevel.Low, 155, DiskLevel.Low)]
    [InlineData(DiskLevel.Low, 161, DiskLevel.Enough)]
    [InlineData(DiskLevel.Full, 55, DiskLevel.Full)]
    [InlineData(DiskLevel.Full, 61, DiskLevel.Low)]
    [InlineData(DiskLevel.Full, 155, DiskLevel.Low)]
    [InlineData(DiskLevel.Full, 500, DiskLevel.Enough)]
    [InlineData(DiskLevel.Low, 49, DiskLevel.Full)]
    public void A_level_is_left_a_percent_above_its_watermark(DiskLevel before, long free, DiskLevel level) =>
        Assert.Equal(level, Marks.Next(before, free, 1000));

    [Fact]
    public void A_watermark_of_zero_is_off() =>
        Assert.Equal(DiskLevel.Enough, new DiskWatermarks(0, 0).Next(DiskLevel.Full, 0, 1000));

    [Fact]
    public void A_disk_of_unknown_size_has_room() => Assert.Equal(DiskLevel.Enough, Marks.Next(DiskLevel.Enough, 0, 0));
}

using Sessions.Capture.Disk;

namespace Sessions.Tests.Capture.Disk;

/// <summary>A disk of 1,000 bytes, of which a test says how many are free.</summary>
internal sealed class FakeDisk : IDiskMeter
{
    private long _free = 1000;

    public long Free
    {
        get => Volatile.Read(ref _free);
        set => Volatile.Write(ref _free, value);
    }

    public DiskSpace Measure(string path) => Free >= 0 ? new DiskSpace(Free, 1000) : throw new DirectoryNotFoundException($"{path} does not exist");
}

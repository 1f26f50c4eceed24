namespace Sessions.Capture.Disk;

/// <summary>The space of a disk.</summary>
/// <param name="FreeBytes">What programs other than root may still write.</param>
/// <param name="SizeBytes">The disk's size.</param>
public readonly record struct DiskSpace(long FreeBytes, long SizeBytes);

/// <summary>Measures the space of the disk that a directory is on.</summary>
public interface IDiskMeter
{
    /// <summary>Measures the space now.</summary>
    /// <exception cref="IOException">There is no such directory, or it can't be reached.</exception>
    DiskSpace Measure(string path);
}

/// <summary>Asks the operating system.</summary>
internal sealed class DiskMeter : IDiskMeter
{
    public DiskSpace Measure(string path)
    {
        if (!Path.Exists(path))
        {
            throw new DirectoryNotFoundException($"{path} does not exist");
        }

        DriveInfo disk = new(path);
        return new DiskSpace(disk.AvailableFreeSpace, disk.TotalSize);
    }
}

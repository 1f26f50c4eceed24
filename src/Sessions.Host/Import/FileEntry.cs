namespace Sessions.Host.Import;

/// <summary>What is wrong with an entry before anybody reads it.</summary>
internal enum EntryFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It is longer than anything that capture takes; its text is not there.</summary>
    TooLong,

    /// <summary>The file ends before it does. For a line: no line's end follows, which may be all that is missing.</summary>
    Cut,

    /// <summary>It can't be told where it ends; its text is not there.</summary>
    Broken,
}

/// <summary>A line of a file, or an element of an array in it.</summary>
/// <param name="Text">Its bytes, good until the next one is read.</param>
/// <param name="Offset">Where it begins in the file's text.</param>
/// <param name="Fault">What is wrong with it.</param>
internal readonly record struct FileEntry(ReadOnlyMemory<byte> Text, long Offset, EntryFault Fault);

/// <summary>Reads a file's entries in its order, from any place between two of them on.</summary>
internal abstract class EntryReader : IDisposable
{
    /// <summary>Longer than any event that capture takes: what is longer is no entry of ours.</summary>
    protected const int LongestEntry = 4 * 1024 * 1024;

    /// <summary>Where what is not read yet begins.</summary>
    public abstract long Next { get; }

    /// <summary>The next entry; null at the end.</summary>
    public abstract ValueTask<FileEntry?> Read(CancellationToken cancel);

    /// <summary>Gives the file back.</summary>
    public abstract void Dispose();
}

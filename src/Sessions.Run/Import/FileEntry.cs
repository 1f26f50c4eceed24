namespace Sessions.Run.Import;

/// <summary>A fault of an entry that the reader finds.</summary>
internal enum EntryFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It is longer than any event that capture accepts. Its text is missing.</summary>
    TooLong,

    /// <summary>The file ends within the entry. A line without a line break at its end may still be complete.</summary>
    Cut,

    /// <summary>Its end can't be found. Its text is missing.</summary>
    Broken,
}

/// <summary>A line of a file, or an element of an array in it.</summary>
/// <param name="Text">Its bytes, valid until the next entry is read.</param>
/// <param name="Offset">Its position in the file's text.</param>
/// <param name="Fault">Its fault.</param>
internal readonly record struct FileEntry(ReadOnlyMemory<byte> Text, long Offset, EntryFault Fault);

/// <summary>Reads a file's entries in their order, from any position between two of them.</summary>
internal abstract class EntryReader : IDisposable
{
    /// <summary>Longer than any event that capture accepts, so a longer entry is no event.</summary>
    protected const int LongestEntry = 4 * 1024 * 1024;

    /// <summary>The position of the next unread byte.</summary>
    public abstract long Next { get; }

    /// <summary>The next entry; null at the end.</summary>
    public abstract ValueTask<FileEntry?> Read(CancellationToken cancel);

    /// <summary>Closes the file.</summary>
    public abstract void Dispose();
}

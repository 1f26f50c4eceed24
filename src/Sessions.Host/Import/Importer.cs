using Sessions.Domain.Time;

namespace Sessions.Host.Import;

/// <summary>Reads a file's events and sends them in its order, noting after each batch how far it is.</summary>
/// <param name="read">Makes of an entry what it is.</param>
/// <param name="seen">Knows which entries were alike.</param>
/// <param name="post">Where events go.</param>
/// <param name="oldest">What happened before is left out: the project does not keep it. Null when it keeps all.</param>
/// <param name="data">The data directory.</param>
/// <param name="time">Says what is yet to come.</param>
/// <param name="show">Shows how far it is, from 0 to 1.</param>
internal sealed class Importer(
    ReadEntry read,
    Occurrences seen,
    ImportPost post,
    DateTimeOffset? oldest,
    string data,
    TimeProvider time,
    Action<double, ImportState> show)
{
    private const int BatchEvents = 500;
    private const long BatchBytes = 4 * 1024 * 1024;

    /// <summary>Imports from where the state says to the end of the file.</summary>
    /// <returns>The state at the end: another one when the file turns out to be another file.</returns>
    public async Task<ImportState> Run(ImportFile file, ImportState state, CancellationToken cancel)
    {
        seen.First = state.FirstContent;
        OpenedFile? opened = await file.OpenAt(state.RememberedFrom ?? state.Offset, cancel);
        if (opened is null)
        {
            state = new ImportState { File = state.File, Project = state.Project, Site = state.Site };
            seen.First = null;
            opened = await file.OpenAt(0, cancel) ?? throw new InvalidOperationException($"{state.File} can't be read: it has just changed");
        }

        using (opened)
        {
            await Run(opened, state, cancel);
            return state;
        }
    }

    private async Task Run(OpenedFile file, ImportState state, CancellationToken cancel)
    {
        List<ReadOnlyMemory<byte>> batch = [];
        long begun = state.Offset;
        while (true)
        {
            FileEntry? next = await file.Entries.Read(cancel);
            if (next is { } again && again.Offset < state.Offset)
            {
                // It is durable, and only read to know it again.
                _ = Judge(again);
                continue;
            }

            bool isEnd = next is not { } entry || !Take(entry, batch, state);
            long end = state.IsCutOff ? next!.Value.Offset : file.Entries.Next;
            if (isEnd || batch.Count == BatchEvents || end - begun > BatchBytes)
            {
                await Send(batch, state, cancel);
                begun = end;
                (state.Offset, state.RememberedFrom, state.FirstContent) = (end, seen.RememberedFrom, seen.First);
                state.Damage = isEnd ? file.Text.Damage : null;
                state.Save(data);
                show(isEnd ? 1 : file.Done, state);
            }

            if (isEnd)
            {
                return;
            }
        }
    }

    private async Task Send(List<ReadOnlyMemory<byte>> batch, ImportState state, CancellationToken cancel)
    {
        // The next one is sent when this one is durable: what a person did first is known first.
        IReadOnlyList<string> refused = await post.Send(batch, cancel);
        state.Taken += batch.Count - refused.Count;
        foreach (string reason in refused)
        {
            state.Leave(reason);
        }

        batch.Clear();
    }

    /// <summary>Takes an entry's event, or counts why there is none. False when the file ends within the entry.</summary>
    private bool Take(FileEntry entry, List<ReadOnlyMemory<byte>> batch, ImportState state)
    {
        ImportedLine found = Judge(entry);
        if (entry.Fault == EntryFault.Cut && found.Skipped is LeftOutReason.NoLogLine or LeftOutReason.NoJson)
        {
            // A log is written to while it is read. The rest may be there the next time.
            state.IsCutOff = true;
            return false;
        }

        if (found.Skipped is { } reason)
        {
            state.Leave(reason);
        }
        else if (found.Time < oldest)
        {
            state.TooOld++;
        }
        else if (found.Time - time.GetUtcNow() > EventTime.MaxAhead)
        {
            // A gateway would say that it happened now.
            state.Leave(LeftOutReason.InTheFuture);
        }
        else
        {
            batch.Add(found.Event);
        }

        return true;
    }

    private ImportedLine Judge(FileEntry entry) => entry.Fault switch
    {
        EntryFault.TooLong => ImportedLine.Skip(DropReason.TooLarge),
        EntryFault.Broken => ImportedLine.Skip(LeftOutReason.NoJson),
        _ when entry.Text.Span.Trim(" \t"u8).IsEmpty && entry.Fault == EntryFault.None => ImportedLine.Skip(LeftOutReason.EmptyLine),
        _ => read(entry),
    };
}

using Sessions.Domain.Time;

namespace Sessions.Run.Import;

/// <summary>Reads a file's events, sends them in its order, and saves its progress after each batch.</summary>
/// <param name="read">Reads the event of an entry.</param>
/// <param name="seen">Counts equal entries.</param>
/// <param name="post">Sends the events.</param>
/// <param name="oldest">
/// Earlier events are left out, because the project does not keep them. Null when it keeps all.
/// </param>
/// <param name="data">The data directory.</param>
/// <param name="time">The clock, to find events in the future.</param>
/// <param name="show">Shows the progress, from 0 to 1.</param>
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

    /// <summary>Imports from the position in the state to the end of the file.</summary>
    /// <returns>The state at the end. It is a new one if the file turns out to be another file.</returns>
    public async Task<ImportState> Run(ImportFile file, ImportState state, CancellationToken cancel)
    {
        seen.First = state.FirstContent;
        OpenedFile? opened = await file.OpenAt(state.RememberedFrom ?? state.Offset, cancel);
        if (opened is null)
        {
            state = new ImportState { File = state.File, Project = state.Project, Site = state.Site };
            seen.First = null;
            opened = await file.OpenAt(0, cancel) ?? throw new InvalidOperationException($"{state.File} can't be read, because it changed during the import");
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
                // The entry is durable, and is read again only to count equal ones.
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
        // Each batch waits until the one before it is durable, so that the events of a person arrive in order.
        IReadOnlyList<string> refused = await post.Send(batch, cancel);
        state.Taken += batch.Count - refused.Count;
        foreach (string reason in refused)
        {
            state.Leave(reason);
        }

        batch.Clear();
    }

    /// <summary>
    /// Adds an entry's event to the batch, or counts why there is none. False when the file ends within the entry.
    /// </summary>
    private bool Take(FileEntry entry, List<ReadOnlyMemory<byte>> batch, ImportState state)
    {
        ImportedLine found = Judge(entry);
        if (entry.Fault == EntryFault.Cut && found.Skipped is LeftOutReason.NoLogLine or LeftOutReason.NoJson)
        {
            // The server may still write to the log. The rest may be complete at the next import.
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
            // A gateway would change its time to now.
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

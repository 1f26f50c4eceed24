using System.Globalization;
using System.Text.Json.Nodes;

namespace Sessions.Host.Import;

/// <summary>Reads a file's events and sends them in its order, noting after each batch how far it is.</summary>
/// <param name="read">Makes of a line, and its place, what it is.</param>
/// <param name="post">Where events go.</param>
/// <param name="oldest">What happened before is left out: the project does not keep it. Null when it keeps all.</param>
/// <param name="data">The data directory.</param>
/// <param name="show">Shows how far it is, from 0 to 1.</param>
internal sealed class Importer(
    Func<string, long, ImportedLine> read, ImportPost post, DateTimeOffset? oldest, string data, Action<double, ImportState> show)
{
    private const int BatchEvents = 500;
    private const long BatchBytes = 4 * 1024 * 1024;

    /// <summary>Imports from where the state says to the end of the file.</summary>
    public async Task Run(ImportState state, CancellationToken cancel)
    {
        await using FileStream file = File.OpenRead(state.File);
        long length = Math.Max(1, file.Length);
        file.Seek(state.Offset, SeekOrigin.Begin);
        using LineReader lines = new(file, state.Offset);
        List<JsonObject> batch = [];
        long begun = state.Offset;
        while (true)
        {
            long at = lines.Offset;
            string? line = await lines.Read(cancel);
            if (line is not null && lines.WasTooLong)
            {
                state.Leave(DropReason.TooLarge);
            }
            else if (line is not null)
            {
                Take(line, at, batch, state);
            }

            if (line is null || batch.Count == BatchEvents || lines.Offset - begun > BatchBytes)
            {
                IReadOnlyList<string> refused = await post.Send(batch, cancel);
                state.Taken += batch.Count - refused.Count;
                foreach (string reason in refused)
                {
                    state.Leave(reason);
                }

                batch.Clear();
                begun = lines.Offset;
                state.Offset = lines.Offset;
                state.Save(data);
                show(Math.Min(1, (double)state.Offset / length), state);
            }

            if (line is null)
            {
                return;
            }
        }
    }

    /// <summary>What became of the file, in words.</summary>
    public static IEnumerable<string> Summary(ImportState state, int retentionDays)
    {
        yield return string.Create(CultureInfo.InvariantCulture, $"{state.Taken:N0} events are in project {state.Project}.");
        if (state is { TooOld: > 0, Taken: 0 })
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"The whole file is older than the {retentionDays} days that the project keeps: retention_days of PUT /api/project changes that.");
        }
        else if (state.TooOld > 0)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{state.TooOld:N0} events are older than the {retentionDays} days that the project keeps, and were left out.");
        }

        foreach ((string reason, long count) in state.LeftOut)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{count:N0} left out: {reason}");
        }
    }

    private void Take(string line, long at, List<JsonObject> batch, ImportState state)
    {
        if (line.Length == 0)
        {
            return;
        }

        ImportedLine found = read(line, at);
        if (found.Event is not { } happened)
        {
            state.Leave(found.Skipped!);
        }
        else if (found.Time < oldest)
        {
            state.TooOld++;
        }
        else
        {
            batch.Add(happened);
        }
    }
}

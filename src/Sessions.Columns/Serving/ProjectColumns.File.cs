using DuckDB.NET.Data;
using Sessions.Columns.Files;

namespace Sessions.Columns.Serving;

/// <content>Opens, replaces, closes and deletes the file.</content>
internal sealed partial class ProjectColumns
{
    /// <summary>Opens the file if it is there and has this version's format.</summary>
    private bool TryOpen()
    {
        if (!File.Exists(path))
        {
            return false;
        }

        try
        {
            _file = OpenFile.Open(path, writer.Limits);
        }
        catch (DuckDBException damaged)
        {
            LogFailed(project, damaged.Message, null);
        }

        if (_file is null)
        {
            DuckFile.Delete(path);
        }

        return _file is not null;
    }

    /// <summary>Opens a new file in the place of the old one.</summary>
    private void Open(string written)
    {
        DuckFile.Replace(path, written);
        _file = OpenFile.Open(path, writer.Limits) ?? throw new IOException("The new file has no state.");
        _savedAt = time.GetTimestamp();
    }

    /// <summary>Waits for the questions in hand, and closes the file.</summary>
    private async Task Close()
    {
        if (_file is { } file)
        {
            await file.DisposeAsync();
            _file = null;
        }
    }

    private async Task Discard()
    {
        await Close();
        DuckFile.Delete(path);
    }
}

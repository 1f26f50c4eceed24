namespace Sessions.Run.Supervision;

/// <summary>Files that hold secrets.</summary>
internal static class PrivateFile
{
    /// <summary>
    /// Writes a file that only its owner may read. A reader sees the old file or the new one, never a part.
    /// </summary>
    public static void Write(string path, string content)
    {
        string beside = path + ".new";
        File.Delete(beside);
        FileStreamOptions options = new()
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (StreamWriter writer = new(beside, options))
        {
            writer.Write(content);
        }

        File.Move(beside, path, overwrite: true);
    }
}

using System.Reflection;
using System.Runtime.CompilerServices;

namespace Sessions.Database;

/// <summary>The SQL statements of the projects: one <c>.sql</c> file each, embedded in the assembly of the class that runs it.</summary>
internal static class SqlFile
{
    /// <summary>Reads a statement of the calling assembly.</summary>
    /// <param name="file">The file's name, with its extension and without its folder.</param>
    /// <exception cref="InvalidOperationException">The assembly has no such file.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static string Read(string file) => Read(Assembly.GetCallingAssembly(), file);

    /// <summary>Reads a statement of an assembly.</summary>
    /// <inheritdoc cref="Read(string)"/>
    public static string Read(Assembly assembly, string file)
    {
        using Stream stream = assembly.GetManifestResourceStream(file)
            ?? throw new InvalidOperationException($"The statement {file} is not embedded in {assembly.GetName().Name}.");
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}

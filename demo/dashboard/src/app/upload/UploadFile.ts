/** What an upload needs of a `File`. */
export type UploadFile = Pick<File, 'name' | 'size' | 'stream'>;
